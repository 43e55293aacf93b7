"""Report an error on a page or a place that is not on the register, and ask what became of it. No account, no session."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yancheng_childcare.callers import caller_network
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.receipt_cookies import ReceiptCookie

from ...codes.register import REPORT_CODE
from ...registration.forms import BLANK, RawForm, areas
from ..blocks import TITLES
from ..detail import read_detail
from ..report_type import REPORT
from ..reporting import (
    RIGHT_MAX,
    TEXT_MAX,
    Words,
    check_looks,
    check_reports,
    find_report,
    is_nonce,
    read_error,
    read_unfiled,
    submit_report,
)
from .institution import not_found

COOKIE = ReceiptCookie("report_receipt", "/reports/done/")
methods = require_http_methods(["GET", "HEAD", "POST"])


def _line(label: str, limit: int, hint: str = "", *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": limit + 20})
    return forms.CharField(label=label, max_length=limit, help_text=hint, required=required, widget=widget)


def _area(label: str, limit: int, hint: str = "", *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4, "maxlength": limit + 20, "autocomplete": "off"})
    return forms.CharField(label=label, max_length=limit, help_text=hint, required=required, widget=widget)


def _contact() -> forms.CharField:
    return _line("联系方式", 254, "电话或邮箱，加密保存，只用于核实和回复，不对外公开", required=False)


class ReportForm(RawForm):
    """`nonce` is the form's own secret: the same form sent twice is one report."""

    nonce = forms.CharField(widget=forms.HiddenInput)


class ErrorForm(ReportForm):
    """An error on a block of an institution's page."""

    block = forms.ChoiceField(label="哪一栏有误", choices=[BLANK, *TITLES.items()])
    text = _area("哪里不对", TEXT_MAX, "10 到 1000 个字")
    right = _area("正确的内容", RIGHT_MAX, "知道的话请写下来，并说明从哪里得知", required=False)
    contact = _contact()


class UnfiledForm(ReportForm):
    """A place that takes children and is not on the register."""

    name = _line("机构名称或招牌", 100, required=False)
    region = forms.ChoiceField(label="所在县（市、区）")
    place = _line("地址", 200, "路名和门牌号，或小区、附近的店铺")
    text = _area("看到了什么", TEXT_MAX, "10 到 1000 个字，例如什么时间、大约几个孩子、有没有挂牌")
    contact = _contact()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["region"]
        choice.choices = [BLANK, *areas()]


class TrackForm(RawForm):
    """Number and code, sent by POST: the code stands in no address and no log."""

    no = _line("编号", 20, "例如 YC-BC-2026-000001")
    code = _line("查询码", 20, "8 位字母和数字，不分大小写")


@never_cache
@methods
def report_error(request: HttpRequest, uscc: str) -> HttpResponse:
    """An error on the page of this institution; `block` in the address is chosen beforehand."""
    detail = read_detail(uscc)
    if detail is None:
        return not_found(request, uscc)
    asked = request.GET.get("block", "")
    form = _form(request, ErrorForm, {"block": asked if asked in TITLES else ""})
    words, problems = read_error(form.cleaned_data, card=detail.card) if form.is_bound else (None, [])
    return _answer(request, form, words, problems, {"name": detail.card["name"], "uscc": uscc})


@never_cache
@methods
def report_unfiled(request: HttpRequest) -> HttpResponse:
    """A place that is not on the register; `name` in the address is what was searched for."""
    form = _form(request, UnfiledForm, {"name": request.GET.get("name", "")[:100]})
    words, problems = read_unfiled(form.cleaned_data) if form.is_bound else (None, [])
    return _answer(request, form, words, problems, {"name": "", "uscc": ""})


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Number and code, to be written down; for ten minutes after sending, in this browser only."""
    context: dict[str, Any] = {"receipt": None, "days": settings.PUBLIC_REPORT_WORKDAYS}
    if parts := COOKIE.parts(request, 4):
        no, code, due, owner = parts
        context["receipt"] = {"no": no, "code": code, "due_on": parse_date(due) if due else None, "owner": owner}
    return render(request, "registry/register/report_receipt.html", context)


@never_cache
@methods
def track(request: HttpRequest) -> HttpResponse:
    """What became of a report, for those who have its number and code."""
    form = TrackForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "problems": [], "report": None}
    if form.is_bound:
        form.full_clean()
        check_looks(caller_network(request))
        report = find_report(no=str(form.cleaned_data["no"] or ""), code=str(form.cleaned_data["code"] or ""))
        if report is None:
            words = "编号或查询码不正确。请核对后再试；查询码丢失的，无法找回，可以重新提交。"
            context["problems"] = [Problem(REPORT_CODE, "no", words)]
        else:
            context |= {
                "report": report,
                "state": REPORT.states[report.status].label,
                "result": REPORT.results[report.result].label if report.result else "",
                "answer": report.body.answer,
                "due_on": report.clock.due_on if report.clock else None,
                "late": report.clock is not None and today_here() > report.clock.due_on,
                "block_title": TITLES.get(report.body.block, ""),
            }
    return render(request, "registry/register/report_result.html", context, status=422 if context["problems"] else 200)


def _form(request: HttpRequest, kind: type[ReportForm], initial: dict[str, str]) -> ReportForm:
    if request.method == "POST":
        form = kind(request.POST)
        form.full_clean()
        return form
    return kind(initial={**initial, "nonce": token_urlsafe(32)})


def _answer(
    request: HttpRequest, form: ReportForm, words: Words | None, problems: list[Problem], context: dict[str, Any]
) -> HttpResponse:
    if words is not None:
        check_reports(caller_network(request))
        nonce = str(form.cleaned_data["nonce"] or "")
        try:
            receipt = submit_report(words=words, nonce=nonce if is_nonce(nonce) else token_urlsafe(32))
        except Rejected as rejected:
            problems = rejected.problems
        else:
            done = redirect("public:report-done")
            return COOKIE.keep(done, receipt.no, receipt.code, receipt.due_on or "", receipt.owner)
    context |= {"form": form, "problems": problems, "days": settings.PUBLIC_REPORT_WORKDAYS}
    return render(request, "registry/register/report_ask.html", context, status=422 if problems else 200)
