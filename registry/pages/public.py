"""The public page of one institution: is it registered, is it filed; no personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exchange.models import OutboxEvent

from ..choices import Nature, NoticeKind, ServiceMode
from ..forms import shown_value
from ..models import Filing, Institution, Notice
from .lookup import PERSONAL_COLUMNS, place_name

SECONDS = 60
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
    if institution.filing_state in FILED_STANDINGS:
        return FILED_STANDINGS[institution.filing_state]
    if institution.filed_on:
        return FILED
    return ENDED_STANDINGS.get(institution.filing_state, UNFILED)


FILED = Standing("green", "已登记、已备案", "已取得法人或经营资格，并已向县（市、区）卫生健康部门备案。")
VERIFYING = Standing(
    "green", "已登记、已备案（核实中）", "已取得法人或经营资格，并已向县（市、区）卫生健康部门备案，正在现场核实。"
)
UNFILED = Standing(
    "yellow",
    "已登记、未备案",
    "已取得法人或经营资格，还没有查到备案记录。托育机构应当向县（市、区）卫生健康部门备案，送托前请先核实。",
)
# By the state of the filing (domain.md §2.5, column 对公众).
FILED_STANDINGS = {
    "RECEIPTED": VERIFYING,
    "VERIFYING": VERIFYING,
    "FILED": FILED,
    "CHANGING": FILED,
    "CHANGE_SUBMITTED": FILED,
    "NONCONFORMING": Standing(
        "red", "备案内容不符合标准规范", "卫生健康部门核实后已书面告知不符合，责令限期改正。理由见下面。"
    ),
    "SUSPENDED": Standing("yellow", "停业", "机构已报停业，停业期间不收托婴幼儿。"),
}
ENDED_STANDINGS = {
    "CANCELLED": Standing("red", "备案已注销", "登记存续，但备案已经注销，不应再收托婴幼儿。送托前请先核实。"),
    "RESCINDED": Standing("red", "备案已撤销", "登记存续，但备案已被撤销，不应再收托婴幼儿。送托前请先核实。"),
}


def public_address(institution: Institution, address: str = "") -> str:
    """The registered (or given) address; of a home-based place only the community, never a door number (C2)."""
    shown = address or institution.registered_address
    if institution.nature != Nature.HOME:
        return shown
    area = f"{place_name(institution.region_id)}{place_name(institution.town_id)}"
    community = _COMMUNITY.match(shown)
    return f"{community.group() if community else area}（家庭托育点不公布门牌号）"


def cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For a minute, in the reader's own browser only: every page carries a CSRF token and renews its cookie, and a
    shared cache would hand one visitor's token to the next."""
    if not request.user.is_authenticated:
        response.headers["Cache-Control"] = f"private, max-age={SECONDS}"
    return response


@require_GET
def institution(request: HttpRequest, uscc: str) -> HttpResponse:
    """The lawful status of one institution with the public facts of domain.md §1.2, each with its source."""
    found = Institution.objects.defer(*PERSONAL_COLUMNS).select_related("registry_org").filter(uscc=uscc).first()
    if found is None:
        context: dict[str, Any] = {"heading": "没有查到这个代码", "q": uscc, "found": [], "problem": None}
        return render(request, "public/institution_lookup.html", context, status=404)
    filing = public_filing(found) if found.filing_state else None
    confirmed = OutboxEvent.objects.filter(subject=uscc).order_by("-id").values_list("occurred_at", flat=True).first()
    context = {
        "heading": found.name,
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "institution": found,
        "standing": standing_of(found),
        "facts": _facts(found),
        "filing": filing,
        "filing_facts": filing_facts(filing) if filing else [],
        "reasons": published_reasons(filing) if filing and filing.status == "NONCONFORMING" else None,
        "confirmed": confirmed or found.created_at,
    }
    return cached(request, render(request, "public/institution.html", context))


def public_filing(found: Institution) -> Filing | None:
    """The filing the public may know of: the last one with a receipt. One query."""
    rows = Filing.objects.filter(institution=found).exclude(receipt_no="").select_related("authority")
    filing: Filing | None = rows.order_by("-id").first()
    if filing is not None:
        filing.institution = found
    return filing


def published_reasons(filing: Filing) -> Notice | None:
    """The letter whose reasons are public while the filing does not conform. One query."""
    return filing.notices.filter(kind=NoticeKind.NONCONFORMING, published=True).order_by("-id").first()


def filing_facts(filing: Filing) -> list[dict[str, Any]]:
    """What stands on the receipt, as it is public; without a door number for a home nursery."""
    modes = dict(ServiceMode.choices)
    rows: list[dict[str, Any]] = [
        {"label": "备案机关", "value": filing.authority.name},
        {"label": "实际经营地址", "value": public_address(filing.institution, filing.service_address)},
        {"label": "托位总数", "value": f"{filing.capacity_total} 个" if filing.capacity_total else ""},
        {"label": "服务形式", "value": "、".join(str(modes[mode]) for mode in filing.service_modes if mode in modes)},
        {"label": "机构负责人", "value": filing.principal_name},
        {"label": "预计停业至", "value": filing.suspended_until.isoformat() if filing.suspended_until else ""},
        {"label": "备案终止日期", "value": filing.ended_on.isoformat() if filing.ended_on else ""},
    ]
    return [row for row in rows if row["value"]]


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
