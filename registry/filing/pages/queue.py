"""The reviewers' queue: what breaks first stands first, the filters are remembered, a chief shares the work out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.places import counties_seen_by
from yancheng_childcare.problems import Problem, Rejected

from ...choices import FILING_IN_REVIEW, FilingStatus
from ...models import Filing, ReviewArea
from ...registration.forms import FilterForm, towns_of
from ...registration.pages.lookup import place_name
from .. import services, worklist
from ..review_areas import divide_areas, reviewers_of, towns_led_by
from ..states import STATES
from ..worklist import Entry

PAGE = 20
REMEMBERED = "filing_queue"
MOST_ASSIGNED = 100
LIGHTS = (("red", "超期"), ("yellow", "临期"), ("green", "正常"), ("grey", "暂停"))
WHOSE = (("mine", "我承办的"), ("unassigned", "还没有人承办"))
ALL = ("", "全部")


class QueueFilter(FilterForm):
    """What narrows the list; `view` is the tab and stays when the form is sent."""

    q = forms.CharField(
        label="机构名称或编号", required=False, widget=forms.TextInput(attrs={"maxlength": 60, "autocomplete": "off"})
    )
    status = forms.ChoiceField(label="状态", required=False)
    light = forms.ChoiceField(label="时限", required=False, choices=[ALL, *LIGHTS])
    kind = forms.ChoiceField(label="事项", required=False, choices=[ALL, *worklist.KINDS])
    town = forms.ChoiceField(label="镇（街道）", required=False)
    who = forms.ChoiceField(label="承办", required=False, choices=[ALL, *WHOSE])
    view = forms.ChoiceField(required=False, choices=worklist.VIEWS, widget=forms.HiddenInput)

    def __init__(self, *args: Any, counties: Iterable[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Mapping[str, Any] = self.fields
        states = [(s.value, s.label) for s in FilingStatus if s in FILING_IN_REVIEW]
        others = [(s.value, s.label) for s in FilingStatus if s not in FILING_IN_REVIEW and not STATES[s].private]
        fields["status"].choices = [("", "全部待办"), ("等待审查部门", states), ("其他状态", others)]
        fields["town"].choices = [ALL, *towns_of(counties)]

    def keeps(self, entry: Entry, user: Any) -> bool:
        """Whether a line passes every filter but the tab."""
        q = self.chosen("q")
        status, light, kind, town, who = (self.chosen(name) for name in ("status", "light", "kind", "town", "who"))
        return (
            (not q or q in entry.name or q.upper() in entry.no)
            and (not status or entry.status == status)
            and (not light or (entry.lamp is not None and entry.lamp.colour == light))
            and (not kind or entry.kind == kind)
            and (not town or entry.town == town)
            and (who != "mine" or entry.assigned_to == user.pk)
            and (who != "unassigned" or entry.assigned_to is None)
        )

    def narrow(self, filings: Any, user: Any) -> Any:
        """The same filters on filings that wait for nobody here; they have no light."""
        filings = filings.filter(status=self.chosen("status"))
        if q := self.chosen("q"):
            filings = filings.filter(institution__name__contains=q) | filings.filter(no__contains=q.upper())
        if kind := self.chosen("kind"):
            filings = filings.filter(worklist.of_kind(kind))
        if town := self.chosen("town"):
            filings = filings.filter(institution__town=town)
        if who := self.chosen("who"):
            filings = filings.filter(assigned_to=user.pk if who == "mine" else None)
        return filings


@require_http_methods(["GET", "HEAD"])
def queue(request: HttpRequest) -> HttpResponse:
    """The list. One query carries the lines and every count; states nobody waits for are asked page by page."""
    if "all" in request.GET:
        request.session.pop(REMEMBERED, None)
        return redirect("filing:queue")
    if not request.GET and (kept := request.session.get(REMEMBERED)):
        return redirect(f"{reverse('filing:queue')}?{kept}")
    return _page(request)


def _page(
    request: HttpRequest, *, problems: list[Problem] | None = None, picked: Iterable[str] = (), to: str = ""
) -> HttpResponse:
    user: Any = request.user
    today = today_here()
    roles = opening_roles(request)
    counties = [code for code, _ in counties_seen_by(user, roles)]
    form = QueueFilter(request.GET, counties=counties)
    scope = worklist.reviewed(user, roles)
    everything = worklist.entries_of(worklist.waiting(scope), today)
    status, view = form.chosen("status"), form.chosen("view")
    rows: Any
    if status and status not in FILING_IN_REVIEW:
        rows = worklist.ordered(form.narrow(scope, user))
    else:
        rows = [entry for entry in everything if entry.is_in(view) and form.keeps(entry, user)]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if status and status not in FILING_IN_REVIEW:
        page.object_list = worklist.as_entries(page.object_list, today)  # type: ignore[assignment]  # rows become lines
    counts = worklist.counts_of(everything)
    names = [name for name in form.fields if name != "view"]
    narrowed = any(form.chosen(name) for name in names)
    _remember(request, form)
    chief = may_enter(user, "filing:assign", "POST")
    context = {
        "heading": "备案审查",
        "lead": "按最先到期排列。时限由工作日历计算，暂停的排在最后。",
        "actions": [{"text": "片区分工", "url": reverse("filing:areas"), "kind": "secondary"}] if chief else [],
        "form": form,
        "tabs": _tabs(form, counts, sign_first=chief),
        "page": page,
        "rows": [
            {
                "entry": entry,
                "town": place_name(entry.town),
                "county": place_name(entry.region) if len(counties) > 1 else "",
                "picked": entry.no in picked,
            }
            for entry in page
        ],
        "narrowed": narrowed,
        "view_label": dict(worklist.VIEWS)[view] if view else "",
        "may_take": may_enter(user, "filing:take-next", "POST"),
        "unassigned": sum(1 for entry in everything if entry.assigned_to is None and entry.status in FILING_IN_REVIEW),
        "reviewers": _reviewers(user) if chief else [],
        "chief": chief,
        "to": to,
        "problems": problems or [],
    }
    return render(request, "registry/filing/queue.html", context, status=422 if problems else 200)


def _tabs(form: QueueFilter, counts: dict[str, int], *, sign_first: bool) -> list[dict[str, Any]]:
    """One tab per view; a tab drops the state, which would contradict it, and keeps the other filters.

    For a chief what waits for a signature comes first: nobody else can go on with it.
    """
    kept = {name: form.chosen(name) for name in form.fields if name not in {"view", "status"} and form.chosen(name)}
    tabs = []
    views = sorted(worklist.VIEWS, key=lambda pair: pair[0] != "sign") if sign_first else worklist.VIEWS
    for view, label in views:
        query = QueryDict(mutable=True)
        query.update({**kept, "view": view})
        current = form.chosen("view") == view and not (view == "" and form.chosen("status"))
        tabs.append({"label": label, "url": f"?{query.urlencode()}", "current": current, "count": counts[view]})
    return tabs


def _remember(request: HttpRequest, form: QueueFilter) -> None:
    """Keep the filters for this person until they sign out; an unfiltered list is kept as nothing."""
    chosen = {name: form.chosen(name) for name in form.fields}
    if not any(chosen.values()):
        if request.GET and REMEMBERED in request.session:
            del request.session[REMEMBERED]
        return
    query = QueryDict(mutable=True)
    query.update(chosen)
    if request.session.get(REMEMBERED) != query.urlencode():
        request.session[REMEMBERED] = query.urlencode()


def _reviewers(user: Any) -> list[Any]:
    """The reviewers a chief may give cases to, each once. One query."""
    prefixes = [duty.region.prefix for duty in user.duties_as(Role.CHIEF) if duty.region]
    found = reviewers_of(prefixes)
    return list({person.pk: person for people in found.values() for person in people}.values())


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """取下一件: the most urgent case of the area nobody has; no cherry-picking (product.md C4)."""
    taken = services.take_next(request.user)
    if taken is None:
        messages.info(request, "没有等待承办的备案。已经指派的请在列表中打开。")
        return redirect("filing:queue")
    messages.success(request, f"已由您承办：{taken.institution.name}（{taken.no}）。")
    return redirect("filing:review", no=taken.no)


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked cases to one reviewer: all or none."""
    user: Any = request.user
    picked = [no for no in request.POST.getlist("filing") if len(no) <= 20][:MOST_ASSIGNED]
    key = request.POST.get("to", "")
    person = next((reviewer for reviewer in _reviewers(user) if str(reviewer.pk) == key), None)
    problems: list[Problem] = []
    if not picked:
        problems.append(Problem("GEN-422", "filing", "请先勾选要指派的备案。"))
    if person is None:
        problems.append(Problem("GEN-422", "to", "请选择承办人。"))
    if not problems:
        filings = list(
            Filing.objects.visible_to(user, opening_roles(request))
            .filter(no__in=picked)
            .select_related("institution__region")
            .order_by("no")
        )
        try:
            if len(filings) != len(set(picked)):
                raise Rejected(Problem("GEN-404", "filing", "有勾选的备案已不在您的辖区，请刷新后重选。"))
            count = services.assign_many(filings, to=person, actor=user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, f"已把 {count} 件指派给{person.display_name if person else ''}。")
            return redirect("filing:queue")
    return _page(request, problems=problems, picked=picked, to=key)


@require_http_methods(["GET", "HEAD", "POST"])
def areas(request: HttpRequest) -> HttpResponse:
    """片区分工: per town the reviewer who gets its new cases; towns without one wait for “取下一件”."""
    user: Any = request.user
    towns = towns_led_by(user)
    problems: list[Problem] = []
    typed = {town.code: request.POST.get(f"town-{town.code}", "") for town in towns}
    if request.method == "POST":
        try:
            changed = divide_areas(wanted=typed, actor=user)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            words = f"已保存，{changed} 个镇（街道）有调整。新提交的备案按此分派。" if changed else "没有改动。"
            messages.success(request, words)
            return redirect("filing:areas")
    else:
        held = ReviewArea.objects.filter(town__in=towns).values_list("town_id", "reviewer_id")
        typed = {code: str(reviewer) for code, reviewer in held}
    able = reviewers_of(town.prefix for town in towns)
    context = {
        "heading": "片区分工",
        "lead": "机构提交后，按所在镇（街道）自动指派给片区承办人；已在办的不变。",
        "breadcrumbs": [{"label": "备案审查", "url": reverse("filing:queue")}],
        "rows": [
            {
                "town": town,
                "county": place_name(town.parent_id or ""),
                "reviewers": able[town.prefix],
                "chosen": typed.get(town.code, ""),
                "wrong": [p.message for p in problems if p.field == f"town-{town.code}"],
            }
            for town in towns
        ],
        "problems": problems,
    }
    return render(request, "registry/filing/areas.html", context, status=422 if problems else 200)
