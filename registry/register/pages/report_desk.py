"""The desk of the public's reports: what waits, one report, its answer or its transfer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, CharField, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, choice
from yancheng_childcare.models import Deadline
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.places import place_name
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import Light, light

from ...choices import ReportKind, ReportOutcome, ReportStatus
from ...models import PublicReport
from ...registration.forms import BLANK, RawForm
from ...registration.pages.lookup import storable
from ..blocks import TITLES
from ..report_workflow import REASON_MAX, REPORT, answer_report, handles, receivers, reveal_contact, transfer_report
from ..reporting import CLOCK, NUMBER, TEXT_MAX, masked_contact

PAGE = 20
# step → what is written in it: field, its name on the page, characters at most.
TYPED = {"answer": ("answer", "答复", TEXT_MAX), "transfer": ("reason", "转办理由", REASON_MAX)}


class ReportFilter(ListFilter):
    """What narrows the list."""

    status = choice("状态", ReportStatus.choices)
    kind = choice("种类", ReportKind.choices)
    who = choice("承办", [("mine", "由我单位答复")], method="of_own_body")

    def of_own_body(self, rows: Any, name: str, value: str) -> Any:
        """Those the reader's own body answers."""
        return rows.handled_by(self.request.user)


class AnswerForm(RawForm):
    """What was found, and the words the reporter reads."""

    outcome = forms.ChoiceField(label="办理结果", choices=[BLANK, *ReportOutcome.choices])
    answer = forms.CharField(
        label="答复",
        help_text="10 到 1000 个字，报错人凭查询码可以看到；请勿写个人信息",
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": TEXT_MAX + 20}),
    )


class TransferForm(RawForm):
    """Who answers instead, and why."""

    owner = forms.ChoiceField(label="转给")
    reason = forms.CharField(
        label="转办理由",
        help_text="4 到 200 个字，答复期限不变",
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 220}),
    )


class LookForm(RawForm):
    """Why the reporter's contact must be read."""

    look = forms.CharField(
        label="查看事由",
        help_text="4 到 200 个字，例如“回电核实收费”；事由、时间和查看人会留存备查",
        widget=forms.TextInput(attrs={"maxlength": REASON_MAX + 20, "autocomplete": "off"}),
    )


@never_cache
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """The reports in scope: what waits first, by the day it is due."""
    seen = PublicReport.objects.visible_to(request.user, opening_roles(request))
    narrowed = ReportFilter(request.GET, seen, request=request)
    waits = Case(When(status=ReportStatus.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    due = Case(When(status=ReportStatus.OPEN, then=F("due_on")))
    rows = _timed(narrowed.qs).select_related("owner")
    rows = rows.defer("contact", "text", "answer").order_by(waits, due, "-id")
    page = Paginator(rows, PAGE).get_page(as_key(request.GET.get("page")) or 1)
    context = {
        "form": narrowed.form,
        "page": page,
        "rows": [(row, _lamp(row), TITLES.get(row.block, "")) for row in page],
        "filtered": narrowed.narrowed,
    }
    return render(request, "registry/register/report_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, no: str) -> HttpResponse:
    """One report. The contact is masked; the owner's staff see it on one answer, after the reason was kept."""
    if not NUMBER.fullmatch(no):
        raise Http404
    found = _find(request, no)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    answer = AnswerForm(request.POST if step == "answer" else None)
    transfer = TransferForm(request.POST if step == "transfer" else None)
    look = LookForm(request.POST if step == "contact" else None)
    refused: Rejected | None = None
    contact = kept = ""
    if step == "contact":
        contact, refused = _look(request, found, look)
    elif request.method == "POST":
        if step not in REPORT.steps:
            raise Rejected(Problem("GEN-400", "", "没有这一步。"), status=400)
        form = answer if step == "answer" else transfer
        refused = _take(request, found, step, form)
        if refused is None:
            return redirect("public:report", no=no)
        if refused.status != 422:
            # Somebody was faster: the page shows what they did, and what was typed here is not lost.
            found = _find(request, no)
            kept = "" if _is_open(request, found, step) else str(form.cleaned_data[TYPED[step][0]] or "")
    steps = {transition.name for transition in REPORT.available(found, request.user)}
    own = handles(request.user, found)
    others = [(d.pk, d.name) for d in receivers(found)] if "transfer" in steps else []
    choice: Any = transfer.fields["owner"]
    choice.choices = [BLANK, *others]
    context = {
        "report": found,
        "lamp": _lamp(found),
        "facts": [*_facts(found), _contact(found, own=own, clear=contact)],
        "look": look if own and found.contact and not contact else None,
        "page_url": f"{reverse('public:institution', args=[found.uscc])}#{found.block}" if found.uscc else "",
        "answer": answer if "answer" in steps else None,
        "transfer": transfer if others else None,
        "kept": kept,
        "problems": refused.problems if refused else [],
    }
    return render(request, "registry/register/report_case.html", context, status=refused.status if refused else 200)


def _find(request: HttpRequest, no: str) -> Any:
    """The report as it stands now. Raises Http404 when the reader's duties do not reach it."""
    rows = _timed(PublicReport.objects.visible_to(request.user, opening_roles(request)))
    found = rows.select_related("owner", "region", "answered_by").filter(no=no).first()
    if found is None:
        raise Http404
    return found


def _is_open(request: HttpRequest, found: PublicReport, step: str) -> bool:
    return step in {transition.name for transition in REPORT.available(found, request.user)}


def _take(request: HttpRequest, found: PublicReport, step: str, form: RawForm) -> Rejected | None:
    """Take the step; why it was not taken (422 to put right, 409 or 412 overtaken), or None. Other refusals are raised."""
    form.full_clean()
    problems: list[Problem] = []
    typed, version = form.cleaned_data, as_key(request.POST.get("version")) or 0
    field, label, limit = TYPED[step]
    words = storable(field, typed[field], label, limit, problems)
    if problems:
        return Rejected(problems)
    given: dict[str, Any] = {"report": found, "actor": request.user, "expected_version": version}
    try:
        if step == "answer":
            answer_report(outcome=typed["outcome"] or "", answer=words, **given)
            messages.success(request, f"{found.no} 已答复。")
        else:
            transfer_report(owner=typed["owner"] or "", reason=words, **given)
            messages.success(request, f"{found.no} 已转办，答复期限不变。")
    except Rejected as rejected:
        if rejected.status not in {409, 412, 422}:
            raise
        return rejected
    return None


def _look(request: HttpRequest, found: PublicReport, form: LookForm) -> tuple[str, Rejected | None]:
    """The contact, or what must be put right before it is shown. Other refusals are raised."""
    form.full_clean()
    problems: list[Problem] = []
    reason = storable("look", form.cleaned_data["look"], "查看事由", REASON_MAX, problems)
    if problems:
        return "", Rejected(problems)
    try:
        return reveal_contact(report=found, reason=reason, actor=request.user), None
    except Rejected as rejected:
        if rejected.status != 422:
            raise
        return "", rejected


def _timed(rows: QuerySet[PublicReport]) -> Any:
    """With the days of the clock, in the same query."""
    subject = Concat(Value("registry.public_report:"), OuterRef("no"), output_field=CharField())
    clock = Deadline.objects.filter(subject=subject, code=CLOCK)
    return rows.annotate(
        due_on=Subquery(clock.values("due_on")[:1]), clock_started=Subquery(clock.values("started_on")[:1])
    )


def _lamp(row: Any) -> Light | None:
    if row.due_on is None:
        return None
    return light(row.clock_started, row.due_on, today_here(), done=row.status == ReportStatus.ANSWERED)


def _facts(found: Any) -> list[dict[str, Any]]:
    facts = [
        ("栏目", TITLES.get(found.block, "")), ("机构", found.institution_name), ("地址", found.place),
        ("地区", place_name(found.region_id)), ("承办单位", found.owner.name), ("答复期限", found.due_on),
        ("转办次数", found.transfers),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in facts if value]


def _contact(found: PublicReport, *, own: bool, clear: str) -> dict[str, Any]:
    """The row of the reporter's contact: clear once, else masked; to those who do not answer, only that there is one."""
    row: dict[str, Any] = {"label": "联系方式", "value": clear or masked_contact(found.contact)}
    if not found.contact:
        row["value"] = "没有留"
    elif not own:
        row["value"] = "已留，只有承办单位的经办人可以查看"
    elif clear:
        row["note"] = "本次查看已经留痕，离开本页后重新遮盖。"
    return row
