"""The public's words: the lawful status in a sentence, an address without a door number where nobody may know it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..checks import place_name
from ..choices import Nature, PublicStatus
from ..models import Institution

_COMMUNITY = re.compile(r"^[^0-9０-９]*?(?:社区|小区|村)")


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


def public_address(institution: Institution, address: str = "") -> str:
    """The registered (or given) address; of a home-based place only the community, never a door number (C2)."""
    shown = address or institution.registered_address
    if institution.nature != Nature.HOME:
        return shown
    area = f"{place_name(institution.region_id)}{place_name(institution.town_id)}"
    community = _COMMUNITY.match(shown)
    return f"{community.group() if community else area}（家庭托育点不公布门牌号）"
