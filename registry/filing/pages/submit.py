"""Pre-check, check your answers, confirmation: the last mile before a case is handed in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import in_words

from ...codes import filing as codes
from ...models import Filing
from ...rules.filing.catalogue import Finding, rules_on
from ...rules.filing.sections import BY_NAME, FORM_SECTIONS, PLEDGE
from ..casefile import CaseFile
from ..services import take_step
from ..states import state_of
from ..visits import open_check
from ..workflow import FILING, hands_in
from .answer_rows import answer_sections
from .corrections import changes_since
from .lookup import expected_version, operator_crumbs, own_filing
from .section_form import answer_url, note_of
from .tasks import grouped

GROUPS = (
    ("stops", "red", "须先改正", "改正以后才能提交。"),
    ("fails", "red", "不符合", "可以提交，签署承诺书时逐项说明；审查和现场核实时会要求改正。"),
    ("warns", "yellow", "提醒", "不影响提交，建议改进。"),
    ("open", "plain", "待确认", ""),
)


@require_GET
def precheck(request: HttpRequest, no: str) -> HttpResponse:
    """Every finding of the rules with number, limit and clause, and everything not filled in yet."""
    filing = own_filing(request, no)
    file = CaseFile(filing, today_here())
    found = grouped(file.findings)
    context = {
        "heading": "预检结果",
        "lead": filing.institution.name,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "groups": [
            {"key": key, "light": light, "word": word, "text": text, "rows": _finding_rows(file, found[key])}
            for key, light, word, text in GROUPS
            if key != "open"
        ],
        "topics": _topics(filing, found["open"]),
        "open_count": len(found["open"]),
        "passes": _finding_rows(file, found["passes"]),
        "others": _finding_rows(file, found["others"]),
        "gaps": _gaps(filing, file),
        "figures": [
            {"label": word, "value": len(found[key]), "unit": "项"}
            for key, word in (
                ("stops", "须先改正"),
                ("fails", "不符合"),
                ("warns", "提醒"),
                ("open", "待确认"),
                ("passes", "符合"),
            )
        ],
    }
    return render(request, "registry/filing/precheck.html", context)


def _topics(filing: Filing, findings: list[Finding]) -> list[dict[str, Any]]:
    """What is not known yet, one line per section: nothing to mend, only something to fill in."""
    topics: dict[str, dict[str, Any]] = {}
    for finding in findings:
        section = BY_NAME[finding.section]
        row = topics.setdefault(
            section.name, {"title": section.title, "url": answer_url(filing, section.name), "rules": []}
        )
        row["rules"].append(finding.rule.title)
    return list(topics.values())


def _finding_rows(file: CaseFile, findings: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            **note_of(f),
            "text": f.sentence + (f"（{names}）" if (names := file.names_behind(f).rstrip("。")) else ""),
            "title": f.rule.title,
            "limit": f.standard,
            "url": answer_url(file.filing, f.section, f.field),
        }
        for f in findings
    ]


def _gaps(filing: Filing, file: CaseFile) -> list[dict[str, str]]:
    """What is not filled in or cannot be read, one line a section, and the materials that are missing."""
    rows = []
    for section in FORM_SECTIONS:
        wrong = file.read[section.name][1]
        if wrong:
            first = answer_url(filing, section.name, wrong[0].field)
            rows.append({"label": section.title, "text": "".join(p.message for p in wrong[:8]), "url": first})
    rows += [
        {"label": "材料上传", "text": f"缺少：{spec.name}", "url": answer_url(filing, "materials", spec.code)}
        for spec in file.missing
    ]
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, no: str) -> HttpResponse:
    """All answers by section with “修改”, then the step that hands the case in. A second click leads to the first's end."""
    filing = own_filing(request, no)
    step = hands_in(filing)
    if not step:
        return _already(request, filing) or redirect("filing:case", no=no)
    if request.method != "POST":
        return _check_page(request, filing, step, [])
    if not request.POST.get("declared"):
        words = "请勾选“以上内容属实”后再提交。"
        return _check_page(request, filing, step, [Problem(codes.PLEDGE_UNSIGNED, "declared", words)])
    try:
        version = expected_version(request.POST.get("record_version"))
        take_step(filing, step, actor=request.user, expected_version=version)
    except Rejected as rejected:
        if rejected.status == 422:
            return _check_page(request, filing, step, rejected.problems)
        done = _already(request, own_filing(request, no)) if rejected.status in {409, 412} else None
        if done is None:
            raise
        return done
    return redirect("filing:done", no=no)


def _already(request: HttpRequest, filing: Filing) -> HttpResponse | None:
    """The way of a second click of the same person: to the confirmation of the first. None when it is not that."""
    if not state_of(filing).clock:
        return None
    last = filing.versions.order_by("-number").only("submitted_by").first()
    if last is None or last.submitted_by_id != request.user.pk:
        return None
    if request.method == "POST":
        messages.info(request, "这件备案已经提交，没有重复提交。")
    return redirect("filing:done", no=filing.no)


def _check_page(request: HttpRequest, filing: Filing, step: str, problems: list[Problem]) -> HttpResponse:
    file = CaseFile(filing, today_here())
    found = grouped(file.findings)
    context = {
        "heading": "核对并提交",
        "lead": filing.institution.name,
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "sections": answer_sections(file),
        "differences": _differences(filing, file),
        "wrong": [_problem_row(filing, problem) for problem in problems],
        "cautions": [note_of(f) for f in (*found["fails"], *found["warns"])],
        "stops": len(file.stops),
        "signed": file.rows[PLEDGE.name].data if file.signed() else None,
        "button": f"{FILING.steps[step].label}（共 {len(file.materials)} 份材料）",
        "version": filing.record_version,
        "declared": bool(request.POST.get("declared")),
    }
    return render(request, "registry/filing/check.html", context, status=422 if problems else 200)


def _differences(filing: Filing, file: CaseFile) -> list[dict[str, str]] | None:
    """What a change alters, old and new; None where nothing was accepted yet."""
    if not state_of(filing).changed:
        return None
    accepted = filing.versions.get(number=filing.accepted_number)
    changes = changes_since(accepted, file)
    return [{"label": row.label, "old": row.before, "new": row.after} for rows in changes.values() for row in rows]


def _problem_row(filing: Filing, problem: Problem) -> dict[str, str]:
    """A line of the error summary that leads to the page where it is mended."""
    if problem.field == "declared":
        return {"message": problem.message, "code": problem.code, "url": "#id_declared"}
    rule = next((rule for rule in rules_on(today_here()) if rule.id == problem.code), None)
    # A finding names a field of its rule's section; the guards name the section itself.
    url = answer_url(filing, rule.section if rule else problem.field, problem.field)
    return {"message": problem.message, "code": problem.code, "url": url}


@require_GET
def done(request: HttpRequest, no: str) -> HttpResponse:
    """Confirmation: number, until when there is an answer, what happens next. Queries: the case, version, clock."""
    filing = own_filing(request, no)
    code = state_of(filing).clock
    last = filing.versions.order_by("-number").only("number", "received_on", "submitted_at").first()
    if not code or last is None:
        return redirect("filing:case", no=no)
    clock = Deadline.objects.running().of(filing.subject).filter(code=code).first()
    context = {
        "heading": "提交成功",
        "breadcrumbs": operator_crumbs(filing),
        "filing": filing,
        "submission": last,
        "answer": _answer_words(clock, today_here()),
        "clock": clock,
        "next_steps": _next_steps(filing),
    }
    return render(request, "registry/filing/done.html", context)


def _answer_words(clock: Deadline | None, today: date) -> str:
    """12月1日（星期二）前（含当日）答复; the year is named when it is another."""
    if clock is None:
        return ""
    due = clock.due_on
    year = f"{due.year}年" if due.year != today.year else ""
    return f"{year}{due.month}月{due.day}日（星期{'一二三四五六日'[due.weekday()]}）前（含当日）答复"


def _next_steps(filing: Filing) -> list[str]:
    visit = open_check(filing) if state_of(filing).visited else None
    when = f"计划于{in_words(visit.planned_on, today_here())}" if visit else "将"
    return [words.format(authority=filing.authority.name, visit=when) for words in state_of(filing).next_steps]
