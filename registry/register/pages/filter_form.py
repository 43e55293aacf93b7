"""The search form as its template draws it: every choice with its count, and a chip for everything applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from yancheng_childcare.places import place_name, places

from ...choices import MealMode, Nature, PublicStatus, ServiceMode
from ..facets import Facets
from ..places import positions
from ..query import STATUSES

SHOWN = 200  # characters of a refused value that the form gives back
AGES = [(str(month), f"{month} 个月") for month in range(36)]
SERVICES = {str(value): str(label) for value, label in ServiceMode.choices}
GROUPS: dict[str, tuple[str, Mapping[str, str]]] = {
    "nature": ("机构性质", {str(value): str(label) for value, label in Nature.choices}),
    "status": ("备案状态", STATUSES),
    "meals": ("供餐方式", {str(value): str(label) for value, label in MealMode.choices}),
}
# The parts of 已备案 that are told apart.
FILED_PARTS = (PublicStatus.FILED, PublicStatus.VERIFYING, PublicStatus.SUSPENDED)
FLAGS = {"inclusive": "申报普惠", "free": "有余位", "checked": "近 12 个月检查过"}
DRAWER = (
    "town",
    "near",
    "service",
    "nature",
    "status",
    "meals",
    "inclusive",
    "free",
    "checked",
    "fee_from",
    "fee_to",
)
LABELS = {
    "q": "关键词",
    "region": "县（市、区）",
    "town": "镇（街道）",
    "near": "距离起点",
    "months": "月龄",
    "service": "服务形式",
    "fee_from": "月费不低于",
    "fee_to": "月费不高于",
    **{name: label for name, (label, _) in GROUPS.items()},
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: `count` is how many institutions it would leave, None when that is not counted."""

    value: str
    label: str
    chosen: bool
    count: int | None = None

    @property
    def text(self) -> str:
        """The label with its number, as `全日托（12）`."""
        return self.label if self.count is None else f"{self.label}（{self.count:,}）"


@dataclass(frozen=True, slots=True)
class Group:
    """A set of tick boxes under one heading."""

    name: str
    label: str
    choices: list[Choice]
    hint: str = ""


class FilterForm:
    """What the reader typed or chose, also when it was refused; `found` gives the numbers behind the options.

    `errors`: what is wrong by parameter, to stand at the field.
    """

    def __init__(self, params: QueryDict, found: Facets | None = None, errors: Mapping[str, str] | None = None):
        self.params, self.found, self.errors = params, found, errors or {}

    def given(self, name: str) -> str:
        """The value of a field as it came, at most 200 characters."""
        return str(self.params.get(name, ""))[:SHOWN]

    @property
    def values(self) -> dict[str, str]:
        """Fields with one line of text, and the order of the list."""
        return {name: self.given(name) for name in ("q", "fee_from", "fee_to", "ordering")}

    @property
    def region(self) -> str:
        """The chosen county, or the one in which the chosen town lies."""
        town = places().get(self.given("town").upper(), ("", "", ""))
        return self.given("region").upper() or (town[1] if town[0] == "TOWN" else "")

    @property
    def regions(self) -> list[Choice]:
        """Counties and development zones."""
        return self._among("region", counties(), {self.region})

    @property
    def towns(self) -> list[Choice]:
        """The towns of the chosen county; none before one is chosen."""
        return self._among("town", towns_of(self.region), {self.given("town").upper()})

    @property
    def starts(self) -> list[Choice]:
        """Places to measure from: counties, the towns of the chosen county, and the position in the address."""
        near = self.given("near").upper()
        known = {**counties(), **{code: name for code, name in towns_of(self.region).items() if code in positions()}}
        if near and near not in known:
            known[near] = place_name(near) or "我的位置"
        return [Choice(code, name, code == near) for code, name in known.items()]

    @property
    def months(self) -> list[Choice]:
        """Whole months of age."""
        return self._among("months", dict(AGES), {self.given("months")})

    @property
    def services(self) -> Group:
        """Forms of care."""
        return Group("service", LABELS["service"], self._among("service", SERVICES, self._several("service")))

    @property
    def groups(self) -> list[Group]:
        """The tick boxes of the drawer."""
        return [
            Group(name, label, self._among(name, options, self._several(name)), self._hint(name))
            for name, (label, options) in GROUPS.items()
        ]

    @property
    def flags(self) -> list[Choice]:
        """Yes-or-nothing conditions; `value` is the name of the parameter."""
        return [Choice(name, label, self.given(name) == "1", self._count(name, "1")) for name, label in FLAGS.items()]

    @property
    def drawer_open(self) -> bool:
        """Whether something in the drawer must be put right; what is applied stands as chips above the results."""
        return any(name in self.errors for name in DRAWER)

    @property
    def drawer_chosen(self) -> int:
        """How many conditions in the drawer are applied."""
        return sum(bool(self.given(name)) for name in DRAWER)

    @property
    def uncounted(self) -> bool:
        """Whether the options stand without numbers because there are too many institutions to count."""
        return self.found is not None and not self.found.known

    def _hint(self, name: str) -> str:
        """Which of the options of 备案状态 make up the one number of 已备案 (domain-2.md), with that number."""
        if name != "status":
            return ""
        numbers = [self._count(name, value) for value in FILED_PARTS]
        known = [number for number in numbers if number is not None]
        whole = f"共 {sum(known):,} 家，" if len(known) == len(numbers) else ""
        return f"前两项和停业都是已备案，{whole}备案内容不符合的另计。"

    def _several(self, name: str) -> set[str]:
        return {part for value in self.params.getlist(name) for part in value.split(",")}

    def _among(self, name: str, options: Mapping[str, str], chosen: set[str]) -> list[Choice]:
        return [Choice(value, label, value in chosen, self._count(name, value)) for value, label in options.items()]

    def _count(self, name: str, value: str) -> int | None:
        """The number behind an option; none where nothing was found, a page of noughts helps nobody."""
        return self.found.of(name, value) if self.found and self.found.total else None


def counties() -> dict[str, str]:
    """code → name of the nine counties and the two zones."""
    return {code: name for code, (level, _, name) in places().items() if level in {"COUNTY", "ZONE"}}


def towns_of(region: str) -> dict[str, str]:
    """code → name of the towns of a county; {} for none."""
    return {code: name for code, (level, parent, name) in places().items() if level == "TOWN" and parent == region}
