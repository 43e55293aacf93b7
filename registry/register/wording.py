"""The public's words: the lawful status in a sentence, an address without a door number where nobody may know it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from yancheng_childcare.places import place_name

from ..choices import Nature, OrgForm, PublicStatus
from ..models import Institution
from ..rules.characters import compact
from ..rules.values import PHONE

# A number may be written in figures or in words (八号): whatever stands behind a door's word is left out with it.
_COMMUNITY = re.compile(r"^[^\d号幢栋楼室弄座单]*?(?:社区|小区|村)")
LEGAL_REP = "法定代表人（负责人）"
NO_DOOR = "（家庭托育点不公布门牌号）"


@dataclass(frozen=True, slots=True)
class Standing:
    """The lawful status in plain words. `colour` is green, yellow, red or grey; the word always stands beside it."""

    colour: str
    word: str
    meaning: str

    @property
    def kind(self) -> str:
        """The kind of notice that says it."""
        return {"green": "success", "yellow": "warning"}.get(self.colour, "danger")


# Registration gives the right to exist; filing is a duty, not a permit (人口与计划生育法 第28条; domain.md §2.5 对公众).
STANDINGS: dict[str, Standing] = {
    PublicStatus.FILED: Standing(
        "green", "已登记、已备案", "已取得法人或经营资格，并已向县（市、区）卫生健康部门备案。"
    ),
    PublicStatus.VERIFYING: Standing(
        "green",
        "已登记、已备案（核实中）",
        "已取得法人或经营资格，并已向县（市、区）卫生健康部门备案，正在现场核实。",
    ),
    PublicStatus.NONCONFORMING: Standing(
        "red", "备案内容不符合标准规范", "卫生健康部门核实后已书面告知不符合，责令限期改正，理由公布在机构页面。"
    ),
    PublicStatus.SUSPENDED: Standing("yellow", "停业", "机构已报停业，停业期间不收托婴幼儿。"),
    PublicStatus.CANCELLED: Standing(
        "red", "备案已注销", "登记存续，但备案已经注销，不应再收托婴幼儿。送托前请先核实。"
    ),
    PublicStatus.RESCINDED: Standing(
        "red", "备案已撤销", "登记存续，但备案已被撤销，不应再收托婴幼儿。送托前请先核实。"
    ),
    PublicStatus.UNFILED: Standing(
        "yellow",
        "已登记、未备案",
        "已取得法人或经营资格，还没有查到备案记录。托育机构应当向县（市、区）卫生健康部门备案，送托前请先核实。",
    ),
    PublicStatus.ENDED: Standing(
        "red", "登记已终止", "登记已经终止，不应再以这个名称收托婴幼儿。仍在经营的，请拨打监督电话反映。"
    ),
}


def is_home(institution: Institution, form: str = "") -> bool:
    """Whether this is a home-based place: by registration, or by the form of care it filed (`basics.org_form`)."""
    return institution.nature == Nature.HOME or form == OrgForm.HOME


def public_address(institution: Institution, address: str = "", *, form: str = "") -> str:
    """The registered (or given) address; of a home-based place only the community, never a door number (C2)."""
    shown = address or institution.registered_address
    if not is_home(institution, form):
        return shown
    area = f"{place_name(institution.region_id)}{place_name(institution.town_id)}"
    community = _COMMUNITY.match(shown)
    return f"{community.group() if community else area}{NO_DOOR}"


def contacts_of(basics: dict[str, Any]) -> dict[str, str]:
    """Telephone and opening hours the institution gives to parents (`basics` as accepted); "" for what it did not give."""
    phone = compact(str(basics.get("public_phone") or ""))
    hours = " ".join(str(basics.get("opening_hours") or "").split())
    return {"phone": phone if PHONE.fullmatch(phone) else "", "opening_hours": hours}


def route_url(address: str, name: str) -> str:
    """A search by name and address on a map: it needs no position of ours, as the portal knows no door."""
    query = urlencode({"keyword": f"{address} {name}", "city": "盐城", "callnative": "1"})
    return f"https://uri.amap.com/search?{query}"


def filed_note(filed: int, wrong: int) -> str:
    """What a number of the list is made of, where it holds more than 已备案 (domain-2.md); "" where it does not."""
    return f"其中已备案 {filed:,} 家，备案内容不符合 {wrong:,} 家" if wrong else ""


def not_connected(status: str, what: str) -> str:
    """Why nothing is known of `what` where the portal holds no accepted filing: the sentence must fit the status."""
    if status == PublicStatus.UNFILED:
        return f"这家机构还没有备案，本平台没有它的{what}。送托前请先核实，也可以要求机构出示原件。"
    if status == PublicStatus.ENDED:
        return f"这家机构的登记已经终止，本平台没有它的{what}。"
    return f"这家机构在国家系统备案，{what}没有接入本平台。可以向机构了解，或向备案机关核实。"
