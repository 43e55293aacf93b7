"""The public look-up: is this institution registered, is it filed. Exact name or code only; no personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exchange.models import OutboxEvent

from ..choices import Nature
from ..forms import shown_value
from ..models import Institution
from ..rules import uscc as uscc_rules
from ..rules.characters import BLANKS, compact
from .lookup import PERSONAL_COLUMNS, place_name

SECONDS = 60
MOST = 20
_COMMUNITY = re.compile(r"^[^0-9０-９]*?(?:社区|小区|村)")


@dataclass(frozen=True, slots=True)
class Standing:
    """The lawful status in plain words."""

    colour: str
    word: str
    meaning: str

    @property
    def kind(self) -> str:
        """The kind of notice that says it."""
        return {"green": "success", "yellow": "warning"}.get(self.colour, "danger")


def standing_of(institution: Institution) -> Standing:
    """Registered and filed, registered only, or ended; filing is a duty, not a permit (人口与计划生育法 第28条)."""
    if institution.status != "ACTIVE":
        word = f"登记已{institution.get_status_display()}"
        return Standing("red", word, "登记已经终止，不应再以这个名称收托婴幼儿。仍在经营的，请拨打监督电话反映。")
    if institution.filed_on:
        return Standing("green", "已登记、已备案", "已取得法人或经营资格，并已向县（市、区）卫生健康部门备案。")
    return Standing(
        "yellow",
        "已登记、未备案",
        "已取得法人或经营资格，还没有查到备案记录。托育机构应当向县（市、区）卫生健康部门备案，送托前请先核实。",
    )


def public_address(institution: Institution) -> str:
    """The registered address; of a home-based place only the community, never a door number (product.md C2)."""
    if institution.nature != Nature.HOME:
        return institution.registered_address
    area = f"{place_name(institution.region_id)}{place_name(institution.town_id)}"
    community = _COMMUNITY.match(institution.registered_address)
    return f"{community.group() if community else area}（家庭托育点不公布门牌号）"


def _cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For a minute, in the reader's own browser only: every page carries a CSRF token and renews its cookie, and a
    shared cache would hand one visitor's token to the next."""
    if not request.user.is_authenticated:
        response.headers["Cache-Control"] = f"private, max-age={SECONDS}"
    return response


def _exact(words: str) -> list[Institution]:
    """Institutions whose code or whole name is exactly this; at most `MOST` of the same name. One query."""
    rows = Institution.objects.defer(*PERSONAL_COLUMNS).order_by("-id")
    code = compact(words)
    if uscc_rules.is_valid(code):
        return list(rows.filter(uscc=code))
    return list(rows.filter(name=words)[:MOST])


@require_GET
def lookup(request: HttpRequest) -> HttpResponse:
    """Search by exact name or code; says what it means when nothing is found."""
    words = request.GET.get("q", "")[:100].strip(BLANKS)
    found = _exact(words) if words else []
    for institution in found:
        institution.standing = standing_of(institution)  # type: ignore[attr-defined]  # for the template only
        institution.area = place_name(institution.region_id)  # type: ignore[attr-defined]
    looks_like_code = bool(re.fullmatch(r"[0-9A-Z]{15,20}", compact(words)))
    problem = next(iter(uscc_rules.check_uscc(words)), None) if looks_like_code and not found else None
    context = {
        "heading": "查机构",
        "lead": "核对一家机构是否登记、是否备案。",
        "q": words,
        "found": found,
        "problem": problem,
    }
    return _cached(request, render(request, "public/institution_lookup.html", context))


@require_GET
def institution(request: HttpRequest, uscc: str) -> HttpResponse:
    """The lawful status of one institution with the public facts of domain.md §1.2, each with its source."""
    found = Institution.objects.defer(*PERSONAL_COLUMNS).select_related("registry_org").filter(uscc=uscc).first()
    if found is None:
        context: dict[str, Any] = {"heading": "没有查到这个代码", "q": uscc, "found": [], "problem": None}
        return render(request, "public/institution_lookup.html", context, status=404)
    confirmed = OutboxEvent.objects.filter(subject=uscc).order_by("-id").values_list("occurred_at", flat=True).first()
    context = {
        "heading": found.name,
        "breadcrumbs": [{"label": "查机构", "url": reverse("registry:public")}],
        "institution": found,
        "standing": standing_of(found),
        "facts": _facts(found),
        "confirmed": confirmed or found.created_at,
    }
    return _cached(request, render(request, "public/institution.html", context))


def _facts(found: Institution) -> list[dict[str, Any]]:
    validity = f"{found.valid_from} 至 {found.valid_to or '长期'}"
    rows: list[dict[str, Any]] = [
        {"label": "机构性质", "value": shown_value("nature", found.nature)},
        {"label": "住所", "value": public_address(found)},
        {"label": "所在地", "value": f"{place_name(found.region_id)}{place_name(found.town_id)}"},
        {"label": "法定代表人（负责人）", "value": found.legal_rep_name},
        {
            "label": found.get_capital_kind_display(),
            "value": f"{shown_value('registered_capital', found.registered_capital)} 万元",
        },
        {"label": "业务（经营）范围", "value": found.business_scope},
        {"label": "宗旨", "value": found.purpose},
        {"label": "业务主管单位", "value": found.supervising_unit},
        {"label": "成立日期", "value": found.established_on.isoformat()},
        {"label": "核准日期", "value": found.approved_on.isoformat()},
        {"label": "证照有效期", "value": validity},
        {"label": "登记机关", "value": found.registry_org.name},
        {"label": "登记状态", "value": found.get_status_display()},
    ]
    if found.former_names:
        rows.insert(0, {"label": "曾用名", "value": "、".join(found.former_names)})
    if found.terminated_on:
        rows.append({"label": "终止日期", "value": found.terminated_on.isoformat()})
    return [row for row in rows if row["value"]]
