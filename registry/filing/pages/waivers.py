"""A chief sets a rule aside for one filing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.forms import area, line
from yancheng_childcare.problems import Problem, Rejected

from ...codes import filing as codes
from ...models import Filing
from ...rules.filing.catalogue import RULES, Finding
from .. import review
from ..asks import Asks
from ..casefile import CaseFile
from ..services import waive_rule
from .decision_forms import DecisionForm
from .lookup import visible_filing
from .taking import crumbs

WAIVE: Asks = (
    ("reason", area("豁免的理由", 300, "不少于 4 个字，随规则显示，留存备查")),
    ("basis", line("依据", 200, "批准豁免的文件、会议纪要或者鉴定结论，不少于 4 个字")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: HttpRequest, no: str) -> HttpResponse:
    """The chief sets one rule aside for this filing, with reason and basis; what fails today is listed."""
    filing = visible_filing(request, no)
    form, rule_id = DecisionForm(WAIVE, request.POST or None), request.POST.get("rule_id", "")[:16]
    form.full_clean()
    problems: list[Problem] = []
    if request.method == "POST":
        typed = form.read(problems)
        if rule_id not in {rule.id for rule in RULES}:
            problems.append(Problem(codes.FILING_CHOICE, "rule_id", "请选择要豁免的规则。"))
        try:
            if not problems:
                waive_rule(filing, rule_id, reason=typed["reason"], basis=typed["basis"], actor=request.user)
                messages.success(request, f"已豁免规则 {rule_id}，理由和依据随规则显示。")
                return redirect("filing:waive", no=no)
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems += rejected.problems
    if not review.covers(request.user, filing, Role.CHIEF):
        raise Rejected(Problem("GEN-403", "", "只有本辖区的负责人可以豁免规则。"), status=403)
    case = CaseFile(filing, today_here())
    context = {
        "heading": "豁免规则",
        "lead": f"{filing.institution.name}（{filing.no}）",
        "breadcrumbs": crumbs(filing),
        "filing": filing,
        "form": form,
        "rule_id": rule_id,
        "problems": problems,
        "failing": _failing(case.findings),
        "waivers": _waivers(filing),
    }
    return render(request, "registry/filing/waive.html", context, status=422 if problems else 200)


def _failing(findings: list[Finding]) -> list[Finding]:
    """What does not hold today, worst first."""
    order = {"BLOCK": 0, "FAIL": 1, "WARN": 2}
    return sorted((f for f in findings if f.verdict in {"FAIL", "UNKNOWN"}), key=lambda f: (order[f.level], f.id))


def _waivers(filing: Filing) -> list[dict[str, Any]]:
    titles = {rule.id: rule.title for rule in RULES}
    rows = filing.waivers.select_related("granted_by").order_by("-granted_at")
    return [{"waiver": row, "title": titles.get(row.rule_id, row.rule_id)} for row in rows]
