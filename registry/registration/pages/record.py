"""One registration: its facts, what its departments were told, its clocks, its acts, and what can be done now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from exchange.choices import OPEN_STATUSES
from exchange.models import Delivery, Receipt
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.masking import mask_id, mask_phone
from yancheng_childcare.models import Deadline
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import Light, light

from ...choices import CERTIFICATE_BY_NATURE, CertificateType
from ...models import Institution
from ..acts import acts_on_registration
from ..fields import ENTERED, PERSONAL, current_values
from ..forms import RevealForm, label_of, shown_value
from ..services import reveal_personal
from ..workflow import REGISTRATION
from .history import versions_of
from .lookup import reaches, storable, visible_institution
from .pushes import TOLD, WORDS, kinds_seen

STATUS_LIGHT = {"ACTIVE": "green", "CANCELLED": "grey", "REVOKED": "red", "RESCINDED": "red"}
ACTS = 30
PUSHES = 60
PUSHES_LED = 4


@require_GET
def detail(request: HttpRequest, uscc: str) -> HttpResponse:
    """Everything on one registration. Queries: the record, pushes, receipts, clocks, acts."""
    found = visible_institution(request, uscc)
    roles = opening_roles(request)
    acts = acts_on_registration(found.subject, inside=roles != {Role.OPERATOR})[:ACTS]
    context = {
        "heading": found.name,
        "status_light": STATUS_LIGHT[found.status],
        "status_word": found.get_status_display(),
        "breadcrumbs": [{"label": "机构登记", "url": reverse("registry:list")}],
        "actions": _actions(request, found),
        "institution": found,
        "facts": _facts(request, found),
        "panels": _panels(found, request.user, roles),
        "clocks": _clocks(found),
        "acts": [{"at": act.at, "title": act.summary, "who": act.actor_label} for act in acts],
    }
    return render(request, "registry/registration/detail.html", context)


def _actions(request: HttpRequest, found: Institution) -> list[dict[str, str]]:
    """The buttons: what the workflow table and the policy table let this person do now."""
    steps = {t.name for t in REGISTRATION.available(found, request.user)}
    out = []
    if "change" in steps:
        out.append({"text": "变更登记", "url": reverse("registry:change", args=[found.uscc]), "kind": "primary"})
    if steps - {"change"}:
        out.append({"text": "注销、吊销或撤销", "url": reverse("registry:end", args=[found.uscc]), "kind": "secondary"})
    if "change" in steps:
        code = reverse("accounts:code", args=[found.uscc])
        out.append({"text": "打印账号开通码", "url": code, "kind": "secondary"})
    if found.status == "ACTIVE" and not found.filed_on and reaches(request, "registry:record-filing", found):
        url = reverse("registry:record-filing", args=[found.uscc])
        out.append({"text": "登记国家系统备案编号", "url": url, "kind": "primary"})
    if found.status == "ACTIVE" and reaches(request, "registry:police-receipt", found):
        out.append(
            {"text": "回告指导情况", "url": reverse("registry:police-receipt", args=[found.uscc]), "kind": "primary"}
        )
    return out


def _facts(request: HttpRequest, found: Institution) -> list[dict[str, Any]]:
    """The entered fields as rows of a summary list, personal ones masked, with what is derived from them."""
    reveal = reaches(request, "registry:reveal", found)
    masks = {"legal_rep_id_no": mask_id, "contact_phone": mask_phone}
    rows = []
    for name, value in current_values(found).items():
        row: dict[str, Any] = {"label": label_of(name), "value": shown_value(name, value), "name": name}
        if name in PERSONAL:
            row["value"] = masks[name](value)
            if value and reveal:
                row["change_url"] = f"{reverse('registry:reveal', args=[found.uscc])}?field={name}"
                row["change_text"] = "查看完整号码"
        if name == "nature":
            row["note"] = f"证照：{CertificateType(CERTIFICATE_BY_NATURE[found.nature]).label}"
        if name == "name" and found.former_names:
            row["note"] = f"曾用名：{'、'.join(found.former_names)}"
        if name in {"purpose", "supervising_unit"} and not value:
            continue
        rows.append(row)
    rows.append({"label": "登记机关", "value": found.registry_org.name})
    if found.status != "ACTIVE":
        rows.append({"label": "终止", "value": f"{found.terminated_on}，{found.termination_reason}"})
    if found.filed_on:
        rows.append({"label": "备案", "value": found.national_filing_no, "note": f"备案日期 {found.filed_on}"})
    by = f"，{found.created_by.display_name}" if found.created_by else ""
    rows.append(
        {"label": "录入", "value": f"{found.get_channel_display()}{by}", "note": f"第 {found.record_version} 版"}
    )
    return rows


def _panels(found: Institution, user: Any, roles: frozenset[str]) -> list[dict[str, Any]]:
    """Per kind of department: its pushes, newest first, and its receipts."""
    pushes = list(
        Delivery.objects.visible_to(user, roles)
        .filter(subject=found.uscc)
        .select_related("endpoint__department", "event")
        .order_by("-id")[:PUSHES]
    )
    answers = list(
        Receipt.objects.visible_to(user, roles)
        .filter(subject=found.uscc)
        .select_related("department")
        .order_by("-id")[:PUSHES]
    )
    panels = []
    for kind, label in TOLD:
        rows: list[dict[str, Any]] = []
        for push in pushes:
            if push.endpoint.department.kind != kind:
                continue
            colour, word = WORDS[push.status]
            rows.append({"push": push, "colour": colour, "word": word, "url": _delivery_url(push)})
        rows.sort(key=lambda row: row["push"].status not in OPEN_STATUSES)  # stable: the newest first in both parts
        seen = kind in kinds_seen(found, user, roles)
        panels.append(
            {
                "label": label,
                "seen": seen,
                # A department may have several endpoints: what is open and the latest lead, the rest is folded.
                "pushes": rows[:PUSHES_LED],
                "older": rows[PUSHES_LED:],
                "receipts": [a for a in answers if a.department.kind == kind],
            }
        )
    return panels


def _delivery_url(push: Delivery) -> str:
    try:
        return reverse("exchange:delivery", args=[push.pk])
    except NoReverseMatch:
        return ""


def _clocks(found: Institution) -> list[dict[str, Any]]:
    """The clocks of this registration with their lights."""
    today = today_here()
    return [{"deadline": clock, "light": clock_light(clock, today)} for clock in Deadline.objects.of(found.subject)]


def clock_light(clock: Deadline, today: Any) -> Light:
    """The rule of product.md H, for clocks of natural days too: what is left is counted in working days everywhere."""
    return light(
        clock.started_on, clock.due_on, today, paused=clock.paused_on is not None, done=clock.closed_on is not None
    )


@require_GET
def versions(request: HttpRequest, uscc: str) -> HttpResponse:
    """Every version with what it changed. Queries: the record, its states, the names of the people."""
    found = visible_institution(request, uscc)
    context = {
        "heading": "版本与变更记录",
        "lead": found.name,
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": found.name, "url": reverse("registry:detail", args=[uscc])},
        ],
        "institution": found,
        "versions": versions_of(found),
    }
    return render(request, "registry/registration/versions.html", context)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, uscc: str) -> HttpResponse:
    """Ask why, keep the look, then show one full number on this one answer (never cached, never in an address)."""
    found = visible_institution(request, uscc)
    name = request.POST.get("field") or request.GET.get("field") or "legal_rep_id_no"
    if name not in PERSONAL or name not in ENTERED:
        raise Rejected(Problem("GEN-404", "field", "没有这一项。"), status=404)
    form, value = RevealForm(request.POST or None), ""
    problems: list[Problem] = []
    if request.method == "POST":
        reason = storable("reason", request.POST.get("reason"), "查看事由", 200, problems)
        try:
            if not problems:
                value = reveal_personal(found, field=name, reason=reason, actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
    context = {
        "heading": f"查看完整{label_of(name)}",
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": found.name, "url": reverse("registry:detail", args=[uscc])},
        ],
        "whose": found.name,
        "form": form,
        "problems": problems,
        "field": name,
        "label": label_of(name),
        "value": value,
        "back": {"url": reverse("registry:detail", args=[uscc]), "label": "登记页面"},
    }
    return render(request, "desk/reveal.html", context, status=422 if problems else 200)
