"""现场核实 on the officers' desk and phone: what is planned, and the fourteen points with results and remarks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import User
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...models import Filing, SiteCheck
from ...register.wording import contacts_of, is_home, route_url
from ...registration.pages.lookup import place_name
from ...rules.filing.answers import shown_answer
from ...rules.filing.sections import BY_NAME
from ..contact import may_look
from ..review import DOCUMENTS, title_of
from ..services import record_site_check
from ..site_items import CLAIMS, PLACES, RESULTS
from ..states import state_of
from .lookup import expected_version

DONE_SHOWN = 20
OPEN_SHOWN = 100
RESULT_LIGHTS = {"PASS": "green", "FAIL": "red", "NA": "grey", "": "plain"}


def _mine(request: HttpRequest) -> Any:
    """The checks this officer is assigned to, as far as a duty in force still reaches them."""
    return (
        SiteCheck.objects.filter(Exists(_reached(request)), officers=request.user.pk)
        .select_related("filing__institution")
        .prefetch_related(Prefetch("officers", queryset=User.objects.only("display_name").order_by("pk")))
    )


def _reached(request: HttpRequest) -> Any:
    return Filing.objects.visible_to(request.user, opening_roles(request)).filter(pk=OuterRef("filing"))


@require_GET
def site_checks(request: HttpRequest) -> HttpResponse:
    """Overdue, today and later, then what is done. Four queries."""
    today = today_here()
    running = list(
        _mine(request).filter(concluded_on=None, filing__status="VERIFYING").order_by("planned_on", "id")[:OPEN_SHOWN]
    )
    done = list(_mine(request).exclude(concluded_on=None).order_by("-concluded_on", "-id")[:DONE_SHOWN])
    rows = [
        {**_row(check), "light": colour, "word": word}
        for check in running
        for colour, word in [
            ("red", "已过计划日")
            if check.planned_on < today
            else ("yellow", "今天")
            if check.planned_on == today
            else ("green", "待核实")
        ]
    ]
    finished = [
        {
            **_row(check),
            "light": "blue" if check.conforms else "red",
            "word": "全部符合" if check.conforms else "有不符合",
        }
        for check in done
    ]
    context = {
        "heading": "现场核实",
        "lead": "核实须有两名人员到场。每一项都有结果后才能完成。",
        "rows": rows,
        "finished": finished,
    }
    return render(request, "registry/filing/site_checks.html", context)


def _row(check: SiteCheck) -> dict[str, Any]:
    filled = sum(1 for item in check.items if item["result"])
    return {
        "check": check,
        "institution": check.filing.institution,
        "town": place_name(check.filing.institution.town_id),
        "officers": "、".join(officer.display_name for officer in check.officers.all()),
        "filled": filled,
        "all": len(check.items),
    }


def _visible_check(request: HttpRequest, pk: int) -> SiteCheck:
    """A check of a case in scope; 404 otherwise, also for an officer whose duty has moved on. Two queries."""
    found = (
        SiteCheck.objects.filter(Exists(_reached(request)), pk=pk)
        .select_related("filing__institution__region", "filing__institution__town", "recorded_by")
        .prefetch_related(Prefetch("officers", queryset=User.objects.order_by("pk")))
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def site_check(request: HttpRequest, pk: int) -> HttpResponse:
    """One check: 暂存 keeps what there is, 完成核实 closes it; two officers at once see both records (412)."""
    if pk > 2**63 - 1:
        raise Http404
    check = _visible_check(request, pk)
    if request.method != "POST":
        return _page(request, check)
    typed = {
        item["id"]: {
            "result": request.POST.get(f"result-{item['id']}", ""),
            "remark": request.POST.get(f"remark-{item['id']}", "")[:1000],
        }
        for item in check.items
    }
    summary = request.POST.get("summary", "")[:3000]
    conclude = "conclude" in request.POST
    try:
        record_site_check(
            check,
            results=typed,
            summary=summary,
            conclude=conclude,
            actor=request.user,
            expected_version=expected_version(request.POST.get("record_version")),
        )
    except Rejected as rejected:
        if rejected.status not in {412, 422}:
            raise
        return _page(request, _visible_check(request, pk), typed, summary, rejected)
    messages.success(request, "核实已完成。" if conclude else "已暂存，可以稍后继续。")
    return redirect("filing:site-check", pk=pk)


def _former_words(former: dict[str, str], labels: dict[str, str]) -> str:
    """What was found on this point before: in the check before, or by officers who were taken off; "" in a first check."""
    if not former:
        return ""
    found, by = labels.get(former["result"], "没有结果"), former.get("by")
    whose = f"此前记录（{by}）" if by else "上次核实"
    return f"{whose}：{found}{'：' + former['remark'] if former['remark'] else ''}"


def _claims(content: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What the institution handed in on each point."""
    if not content:
        return {}
    found: dict[str, list[dict[str, str]]] = {}
    for key, named in CLAIMS.items():
        for section, name in named:
            spec = BY_NAME[section].field_named(name)
            value = shown_answer(spec, content["sections"].get(section, {}).get(name)) if spec else ""
            if spec and value:
                found.setdefault(key, []).append({"label": spec.label, "value": value})
    handed_in = {row["code"] for row in content["materials"]}
    for key, place in PLACES.items():
        if place in DOCUMENTS:
            found[key] = [{"label": title_of(place), "value": "已提交" if place in handed_in else "没有提交"}]
    return found


def _page(
    request: HttpRequest,
    check: SiteCheck,
    typed: dict[str, dict[str, str]] | None = None,
    summary: str | None = None,
    rejected: Rejected | None = None,
) -> HttpResponse:
    """The form with what is kept or typed; after a conflict with both."""
    filing = check.filing
    officers = list(check.officers.all())
    editable = (
        check.concluded_on is None
        and state_of(filing).visited
        and any(officer.pk == request.user.pk for officer in officers)
    )
    conflict = rejected is not None and rejected.status == 412
    problems: list[Problem] = rejected.problems if rejected is not None and not conflict else []
    labels = dict(RESULTS)
    content = filing.versions.order_by("-number").values_list("content", flat=True).first() or {}
    claims = _claims(content)
    basics: dict[str, Any] = content.get("sections", {}).get("basics", {})
    address, institution = filing.service_address, filing.institution
    # A map is another house: the door of a home-based place is not told to it.
    mapped = bool(address) and not is_home(institution, basics.get("org_form", ""))
    rows = []
    for item in check.items:
        former = item.get("former") or {}
        mine = (typed or {}).get(item["id"], item)
        differs = conflict and (mine["result"] != item["result"] or mine["remark"].strip() != item["remark"].strip())
        rows.append(
            {
                **item,
                "result": mine["result"],
                "remark": mine["remark"],
                "light": RESULT_LIGHTS.get(item["result"], "plain"),
                "label": labels.get(item["result"], "还没有结果"),
                "theirs": f"{labels.get(item['result'], '没有结果')}{'，' + item['remark'] if item['remark'] else ''}"
                if differs
                else "",
                "former": _former_words(former, labels),
                "claims": claims.get(item["id"], []),
                "errors": [p.message for p in problems if p.field.endswith(f"-{item['id']}")],
                "wrong": {p.field.split("-")[0] for p in problems if p.field.endswith(f"-{item['id']}")},
            }
        )
    context = {
        "heading": institution.name,
        "lead": f"现场核实，计划 {check.planned_on:%Y-%m-%d}，{filing.no}",
        "breadcrumbs": [{"label": "现场核实", "url": reverse("filing:site-checks")}],
        "check": check,
        "filing": filing,
        "review_url": reverse("filing:review", args=[filing.no])
        if may_enter(request.user, "filing:review", "GET")
        else "",
        "contact_url": reverse("filing:contact", args=[filing.no]) if may_look(request.user, filing) else "",
        "facts": [
            {"label": "实际经营地址", "value": address},
            {"label": "机构负责人", "value": filing.principal_name},
            {"label": "托位总数", "value": f"{filing.capacity_total} 个" if filing.capacity_total else ""},
            {"label": "核实人员", "value": "、".join(officer.display_name for officer in officers)},
        ],
        "reach": {
            **contacts_of(basics),
            "route_url": route_url(address, institution.name) if mapped else "",
        },
        "rows": rows,
        "results": RESULTS,
        "editable": editable,
        "conflict": conflict,
        "conflict_words": rejected.problems[0].message if rejected is not None and conflict else "",
        "summary": check.summary if summary is None else summary,
        "summary_errors": [p.message for p in problems if p.field == "summary"],
        "their_summary": check.summary if conflict and summary is not None and check.summary != summary else "",
        "filled": sum(1 for item in check.items if item["result"]),
        "problems": problems,
    }
    return render(request, "registry/filing/site_check.html", context, status=rejected.status if rejected else 200)
