"""The materials of a filing (`registry/data/materials.csv`; domain.md §2.2, §4): who issues them, why, until when.

Papers of people (M03: qualifications, health certificates, record checks) are not here: they belong to the person and
live in the people ledger. So do record checks, which domain.md §2.2 lists as M08; M08 here is the insurance of §4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.choices import CERTIFICATE_BY_NATURE, MealMode, PremisesTenure, Regime

from .catalogue import rule_of
from .facts import FilingFacts
from .outcome import count
from .sources import cite, short_name
from .tables import read_table

OLD_BUILDING_RULE = "R-LOC-01"
WHEN = {
    "ALWAYS": "必交",
    "MEAL_CANTEEN": "自办食堂的必交",
    "MEAL_OUTSOURCED": "外购配餐的必交",
    "OLD_BUILDING": "房龄超过 20 年的（本市启用后必交）",
    "OPTIONAL": "选交",
}
KIND_BY_TENURE = {
    PremisesTenure.OWNED.value: "DEED",
    PremisesTenure.LEASED.value: "LEASE",
    PremisesTenure.FREE_USE.value: "FREE_USE",
}


@dataclass(frozen=True, slots=True)
class MaterialSpec:
    """One material. `kinds` are (code, label); `validity_months` is the default where the paper itself says nothing."""

    code: str
    name: str
    why: str
    issuer: str
    office: str
    sample: str
    validity_text: str
    validity_months: int | None
    kinds: tuple[tuple[str, str], ...]
    required_when: str
    regimes: frozenset[str]
    public: str
    document: str
    article: str
    confidence: str

    @property
    def clause(self) -> str:
        """Document and article in full."""
        return cite(self.document, self.article)

    @property
    def short_clause(self) -> str:
        """Document by its short name, and article."""
        return cite(short_name(self.document), self.article)

    @property
    def required_text(self) -> str:
        """When it is needed, in words."""
        return WHEN[self.required_when]

    @property
    def local(self) -> bool:
        """Only asked for where the local rule is switched on."""
        return self.required_when == "OLD_BUILDING"

    @property
    def needs_conclusion(self) -> bool:
        """Whether the paper must say that something conforms."""
        return self.public == "结论"

    def required_for(self, facts: FilingFacts, *, on: frozenset[str] = frozenset()) -> bool | None:
        """Whether this filing needs it; None while what decides it is unknown."""
        match self.required_when:
            case "ALWAYS":
                return True
            case "MEAL_CANTEEN":
                return facts.meal_mode == MealMode.CANTEEN if facts.meal_mode else None
            case "MEAL_OUTSOURCED":
                return facts.meal_mode == MealMode.OUTSOURCED if facts.meal_mode else None
            case "OLD_BUILDING" if OLD_BUILDING_RULE in on:
                age = count(facts.building_age)
                return None if age is None else age > rule_of(OLD_BUILDING_RULE, facts.today).params["years"]
        return False


def _kinds(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition(":") for part in text.split("|") if part)
    return tuple((code, label) for code, _, label in pairs)


def load_materials(rows: Iterable[Mapping[str, str]]) -> tuple[MaterialSpec, ...]:
    """Materials from table rows. Raises ValueError for an unknown condition, regime or a code used twice."""
    found = tuple(
        MaterialSpec(
            code=row["code"],
            name=row["name"],
            why=row["why"],
            issuer=row["issuer"],
            office=row["office"],
            sample=row["sample"],
            validity_text=row["validity_text"],
            validity_months=int(row["validity_months"]) if row["validity_months"] else None,
            kinds=_kinds(row["kinds"]),
            required_when=row["required_when"],
            regimes=frozenset(row["regimes"].split("|")),
            public=row["public"],
            document=row["document"],
            article=row["article"],
            confidence=row["confidence"],
        )
        for row in rows
    )
    for spec in found:
        if spec.required_when not in WHEN or not spec.regimes <= set(Regime.values):
            raise ValueError(f"{spec.code}: unknown condition or regime")
    if len({spec.code for spec in found}) < len(found):
        raise ValueError("a material stands twice")
    return found


MATERIALS = load_materials(read_table("materials"))
_BY_CODE = {spec.code: spec for spec in MATERIALS}


def spec_of(code: str) -> MaterialSpec:
    """The material with this code. Raises KeyError when there is none."""
    return _BY_CODE[code]


def required_materials(
    facts: FilingFacts, regime: str = Regime.FILING, *, on: frozenset[str] = frozenset()
) -> list[MaterialSpec]:
    """The materials this filing must have under this regime, in order; with `on`, those of local rules as well.

    While it is unknown whether meals are given, the papers for meals are not asked for: the question itself is open.
    """
    return [spec for spec in MATERIALS if regime in spec.regimes and spec.required_for(facts, on=on)]


def kinds_for(spec: MaterialSpec, facts: FilingFacts) -> tuple[tuple[str, str], ...]:
    """The kinds of this material that fit: the proof of the tenure, the certificate of the nature, once they are known."""
    fitting = {
        "M01_LICENSE": CERTIFICATE_BY_NATURE.get(facts.nature),
        "M02_PREMISES": KIND_BY_TENURE.get(facts.premises_tenure),
    }.get(spec.code)
    return tuple(pair for pair in spec.kinds if fitting in {None, pair[0]})
