"""一单两库: bodies, matters, officers and ties; entered, approved by another (待批准), ended with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yancheng_childcare.desks import institution_names
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.requests import SignedInRequest

from .. import registers
from ..models import EnforcementSubject, Matter, Officer, Tie
from . import register_forms as forms
from . import register_rows as rows

SIZE = 20
APPROVED_BY = "登记后由平台管理员批准，批准前不能用于检查。"


@dataclass(frozen=True, slots=True)
class Register:
    """One register: its rows as this person sees them, how each is shown, what is typed, what ending it means."""

    label: str
    one: str
    lead: str
    seen: Callable[[Any, frozenset[str]], Any]
    shown: Callable[[Any, Any], dict[str, Any]]
    columns: tuple[str, ...]
    filter: type[forms.RegisterFilter]
    form: Callable[..., Any]
    consequence: str
    ending: str
    stop: str = "停用"

    @property
    def name(self) -> str:
        """As it stands in the names of its routes."""
        return f"inspections:{self.one}"


REGISTERS: dict[str, Register] = {
    "subjects": Register(
        "检查主体", "subject", "依法公告、可以实施行政检查的单位。受委托的，以委托机关的名义检查。",
        lambda user, roles: EnforcementSubject.objects.select_related("department", "principal"),
        rows.subject, ("单位", "领域", "公告", "以谁的名义"), forms.SubjectFilter, forms.SubjectForm,
        APPROVED_BY, "停用后，这个单位不能再申请检查；已经开始的检查不受影响。",
    ),
    "matters": Register(
        "检查事项", "matter", "公布的检查事项和依据；没有公布的，不能检查（国办发〔2024〕54号）。",
        lambda user, roles: Matter.objects.all(),
        rows.matter, ("事项", "领域", "依据", "公布"), forms.MatterFilter, forms.MatterForm,
        APPROVED_BY, "停用后，不能再按这个事项申请检查；已经开始的检查不受影响。",
    ),
    "officers": Register(
        "执法人员", "officer", "执法证在有效期内的，才能参加检查；到期前 60 日提醒负责人。",
        lambda user, roles: Officer.objects.visible_to(user, roles).select_related("user", "subject__department"),
        rows.officer, ("人员", "检查主体", "执法证有效期"), forms.OfficerFilter, forms.OfficerForm,
        f"{APPROVED_BY}换证的填写原证号和新的有效期，批准前不能参加检查。", "停用后，这名人员不能再参加检查。",
    ),
    "ties": Register(
        "回避关系", "tie", "与机构有近亲属、在托、任职等关系的执法人员，不参加对这家机构的检查（行政处罚法第四十三条）。",
        lambda user, roles: Tie.objects.visible_to(user, roles).select_related("user", "declared_by"),
        rows.tie, ("人员", "机构", "关系", "申报"), forms.TieFilter, forms.TieForm,
        "申报即时生效：这名人员不能参加对这家机构的检查。", "结束后，这名人员可以参加对这家机构的检查。请核实关系确已消失。", "结束",
    ),
}  # fmt: skip


@never_cache
@require_safe
def listing(request: SignedInRequest, which: str) -> HttpResponse:
    """The newest first. Queries: rows, names of the institutions of ties."""
    register = REGISTERS[which]
    seen = register.seen(request.user, opening_roles(request))
    narrowed = register.filter(request.GET or None, queryset=seen)
    page = keyset_page(narrowed.qs, request.GET.get("before"), size=SIZE)
    names = institution_names([row.uscc for row in page.rows]) if which == "ties" else {}
    may_end = may_enter(request.user, f"{register.name}-end", "POST")
    new_url = reverse(f"{register.name}-new") if may_enter(request.user, f"{register.name}-new", "POST") else ""
    context = {
        "heading": register.label,
        "lead": register.lead,
        "tabs": _tabs(request.user, which),
        "actions": [{"text": f"登记{register.label}", "url": new_url, "icon_name": "plus"}] if new_url else [],
        "new_url": new_url,
        "form": narrowed.form,
        "narrowed": narrowed.narrowed,
        "columns": register.columns,
        "page": page,
        "rows": [
            register.shown(row, names)
            | {"end_url": reverse(f"{register.name}-end", args=[row.pk]) if may_end and row.ended_on is None else ""}
            for row in page.rows
        ],
        "may_end": may_end,
        "stop": register.stop,
        "list_url": reverse(f"inspections:{which}"),
    }
    return render(request, "inspections/register.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, which: str) -> HttpResponse:
    """Enter one; a tie holds at once, all else when another approved it."""
    register = REGISTERS[which]
    form = register.form(request.POST if request.method == "POST" else None, actor=request.user)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        try:
            if which == "ties":
                registers.declare(row, actor=request.user)
                messages.success(request, "已申报，即时生效。")
            else:
                registers.enter(row, actor=request.user)
                messages.success(request, "已登记，由平台管理员批准后生效。")
            return redirect(f"inspections:{which}")
        except Rejected as rejected:
            problems = rejected.problems
    context = _page(register, which) | {
        "heading": f"登记{register.label}",
        "consequence": register.consequence,
        "form": form,
        "problems": problems,
        "confirm_text": "申报" if which == "ties" else "登记，等待批准",
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SignedInRequest, which: str, pk: int) -> HttpResponse:
    """It counts no more, from today on, for a reason that is kept."""
    register = REGISTERS[which]
    row = get_object_or_404(register.seen(request.user, opening_roles(request)), pk=pk)
    form = forms.EndForm(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            registers.end(row, reason=form.cleaned_data["reason"], actor=request.user)
            messages.success(request, f"已{register.stop}，即时生效。")
            return redirect(f"inspections:{which}")
        except Rejected as rejected:
            problems = rejected.problems
    shown = register.shown(row, institution_names([row.uscc]) if which == "ties" else {})
    context = _page(register, which) | {
        "heading": f"{register.stop}{register.label}",
        "consequence": register.ending,
        "rows": [{"label": register.columns[0], "value": shown["head"]}]
        + [{"label": cell["label"], "value": cell["value"]} for cell in shown["cells"]],
        "form": form,
        "problems": problems,
        "confirm_text": f"即刻{register.stop}",
        "danger": True,
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)


def _page(register: Register, which: str) -> dict[str, Any]:
    back = reverse(f"inspections:{which}")
    return {"breadcrumbs": [{"label": register.label, "url": back}], "cancel_url": back}


def _tabs(user: Any, which: str) -> list[dict[str, Any]]:
    tabs = [
        {"label": register.label, "url": reverse(f"inspections:{name}"), "current": name == which}
        for name, register in REGISTERS.items()
        if may_enter(user, f"inspections:{name}", "GET")
    ]
    return [*tabs, {"label": "检查表", "url": reverse("checklist:list"), "current": False}]
