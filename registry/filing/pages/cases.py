"""The institution's filings: list, where to begin, and one case as task list or as progress page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, search, tab
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...choices import LIVE_FILING, OPEN_FILING, FilingKind
from ...codes import filing as codes
from ...models import Filing, Institution
from ...registration.clocks import filing_due
from ...registration.forms import RawForm
from ...registration.pages.lookup import listed
from ..drafts import start_filing
from ..states import INSTITUTION, state_of, those
from .case_words import matter_of
from .lookup import own_filing
from .matters import BY_KEY, MATTERS, Matter, doors
from .progress import progress_page
from .tasks import task_page

MANY = 200


def _own_places(request: HttpRequest) -> list[Institution]:
    """The institutions this person files for. One query."""
    rows = Institution.objects.visible_to(request.user, opening_roles(request))
    return list(listed(rows).order_by("name")[:MANY])


class OwnFilter(ListFilter):
    """By the institution or the number, and by tab those that wait for it."""

    q = search("机构或编号", "institution__name__contains", "no__icontains")
    show = tab([("todo", "待我办理")], method="ours")

    def ours(self, rows: Any, name: str, value: str) -> Any:
        """The institution's turn."""
        return rows.filter(status__in=those(turn=INSTITUTION))


def _own_filings(request: HttpRequest) -> Any:
    """Their filings with the nearest running clock, newest first."""
    rows = Filing.objects.visible_to(request.user, opening_roles(request)).select_related("institution__region")
    return rows.with_clock().order_by("-id")


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Own filings, what to do next on each, and the institutions that have none.

    Queries: institutions, those with a filing under way or in force, filings.
    """
    filings, places = _own_filings(request), _own_places(request)
    narrowed = OwnFilter(request.GET, filings)
    todo = bool(narrowed.chosen("show"))
    filed = set(filings.filter(status__in=(*OPEN_FILING, *LIVE_FILING)).values_list("institution_id", flat=True))
    waiting = [place for place in places if place.pk not in filed and place.status == "ACTIVE" and not place.filed_on]
    context = {
        "heading": "我的备案",
        "lead": "备案、变更、停业和终止都从这里办理。填写的内容随时保存，可以换一台电脑或手机接着填。",
        "actions": [{"text": "办理新事项", "url": reverse("filing:start"), "kind": "primary"}] if places else [],
        "tabs": [
            {"label": "全部办件", "url": "?", "current": not todo},
            {"label": "待我办理", "url": "?show=todo", "current": todo},
        ],
        "todo": todo,
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "rows": [_row(filing) for filing in narrowed.qs[:MANY]],
        "waiting": [{"place": place, "due_on": filing_due(place.established_on)} for place in waiting],
        "places": places,
    }
    return render(request, "registry/filing/cases.html", context)


def _row(filing: Any) -> dict[str, Any]:
    words = state_of(filing)
    ended = filing.status not in (*OPEN_FILING, *LIVE_FILING)
    return {
        "filing": filing,
        "matter": matter_of(filing),
        "light": words.light,
        "todo": words.todo,
        "ours": words.turn == INSTITUTION,
        "due_on": None if ended or filing.paused_on else filing.due_on,
        "paused": bool(filing.paused_on),
    }


class MatterForm(RawForm):
    """Which of the situations it is."""

    matter = forms.ChoiceField(
        label="您遇到的是哪种情况？", choices=[(m.key, m.label) for m in MATTERS], widget=forms.RadioSelect
    )


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET asks which situation it is and answers it in plain words; POST opens a filing. Queries: two lists."""
    if request.method == "POST":
        return _open(request)
    return _ask(request, BY_KEY.get(request.GET.get("matter", "")), unknown="matter" in request.GET)


def _ask(
    request: HttpRequest,
    matter: Matter | None,
    *,
    unknown: bool = False,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    problems = list(problems or [])
    form = MatterForm({"matter": matter.key} if matter else None)
    form.full_clean()
    context: dict[str, Any] = {
        "heading": "我该办哪个事项",
        "lead": "选一种最接近的情况，就知道办什么、要准备什么。",
        "breadcrumbs": [{"label": "我的备案", "url": reverse("filing:cases")}],
        "form": form,
        "matter": matter,
    }
    if matter is not None:
        filings = list(_own_filings(request)[:MANY])
        links, free = doors(matter, filings, _own_places(request), request.user)
        under_way = [f for f in filings if f.status in OPEN_FILING] if matter.kind else []
        context |= {"links": links, "free": free, "under_way": under_way, "kind": matter.kind}
    elif unknown:
        problems.append(Problem(codes.FILING_CHOICE, "matter", "请选择一种情况。"))
        status = 422
    context["problems"] = problems
    return render(request, "registry/filing/start.html", context, status=status)


def _open(request: HttpRequest) -> HttpResponse:
    """Open a filing for one's own institution; a second click leads to the one already opened."""
    matter = BY_KEY.get(request.POST.get("matter", ""))
    kind = str(request.POST.get("kind") or FilingKind.INITIAL)
    uscc = str(request.POST.get("institution") or "")
    chosen = next((place for place in _own_places(request) if place.uscc == uscc), None)
    if chosen is None or kind not in FilingKind.values:
        problem = Problem(codes.FILING_CHOICE, "institution", "请选择要备案的机构。")
        return _ask(request, matter, problems=[problem], status=422)
    try:
        filing = start_filing(chosen, actor=request.user, kind=kind)
    except Rejected as rejected:
        opened = chosen.filings.open().first() if rejected.code == codes.ALREADY_OPEN else None
        if opened is None:
            return _ask(request, matter, problems=rejected.problems, status=rejected.status)
        messages.info(request, "这家机构的备案已经在办理，没有重复新建。")
        return redirect("filing:case", no=opened.no)
    messages.success(request, f"已为{chosen.name}新建备案，登记信息已经带入。")
    return redirect("filing:case", no=filing.no)


@require_GET
def case(request: HttpRequest, no: str) -> HttpResponse:
    """One case: the task list while it is being written, the progress page once it is handed in."""
    filing = own_filing(request, no)
    if state_of(filing).filled_in:
        return task_page(request, filing, today_here())
    return progress_page(request, filing, today_here())
