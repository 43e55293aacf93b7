"""What a submission says against the register and against itself: signer, certificate, areas (product.md C4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..models import Filing, FilingVersion
from ..rules.filing.answers import read_answers
from ..rules.filing.areas import at_odds
from ..rules.filing.facts import FilingFacts, MaterialFacts
from ..rules.filing.management import certificate_faults
from ..rules.filing.outcome import shown
from ..rules.filing.sections import BY_NAME, PLEDGE
from ..rules.values import as_day
from .pledge import AUTHORISED, CAPACITIES, capacity_of

FINE, LOOK, STOP, NONE = "green", "yellow", "red", "plain"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of the pane: a light with a word, one sentence, and what it is made of."""

    title: str
    light: str
    word: str
    text: str
    rows: tuple[str, ...] = ()
    url: str = ""
    url_text: str = ""


def signer(filing: Filing, version: FilingVersion, principals: Iterable[str]) -> Evidence:
    """Who signed the pledge, against the register and the principals in post today."""
    title, name, legal = "签署人", version.signed_name, filing.institution.legal_rep_name
    principals = list(principals)
    capacity = capacity_of(name, legal, principals)
    if capacity:
        return Evidence(title, FINE, "相符", f"承诺书由{CAPACITIES[capacity]}{name}签署。")
    rows = (f"登记的法定代表人（负责人）：{legal}", f"在岗的机构负责人：{'、'.join(principals) or '没有'}")
    if version.content["sections"].get(PLEDGE.name, {}).get("signed_as") == AUTHORISED:
        return Evidence(title, LOOK, "受委托", f"承诺书由受委托人{name}签署，请核对授权委托书。", rows)
    return Evidence(title, STOP, "不符", f"签署人{name}不是登记的法定代表人，也不是在岗的机构负责人。", rows)


def certificate(filing: Filing, version: FilingVersion, today: date) -> Evidence:
    """Validity and kind of the registration certificate, by the register and by the paper that was handed in."""
    title, until = "登记证书", filing.institution.valid_to
    row = next((row for row in version.content["materials"] if row["code"] == "M01_LICENSE"), None)
    stated = as_day(row["valid_to"]) if row else None
    papers = (MaterialFacts("M01_LICENSE", row["kind"], stated, row["issuer"]),) if row else None
    facts = FilingFacts(today, filing.institution.nature, certificate_until=until, materials=papers)
    faults = certificate_faults(facts)
    if stated and stated < today:
        faults.append(f"提交的证书有效期至 {stated}，已经到期")
    if faults:
        return Evidence(title, STOP, "不符合", "登记证书过期，或者种类与机构性质不符，不能出具回执。", tuple(faults))
    if stated and stated != until:
        rows = (f"登记：{until or '长期或未登记'}", f"提交的证书：{stated}")
        return Evidence(title, LOOK, "不一致", "证书的有效期与登记不一致，请核对。", rows)
    words = f"有效期至 {until}" if until else "登记为长期有效"
    return Evidence(title, FINE, "有效", f"种类与机构性质相符，{words}。")


def areas(version: FilingVersion) -> Evidence:
    """The areas against each other and per place."""
    values: dict[str, Any] = {}
    for name in ("premises", "surroundings", "classes"):
        values |= read_answers(BY_NAME[name], version.content["sections"].get(name, {}))[0]
    places = values.get("capacity_total")
    names = (
        ("floor_area", "建筑面积"),
        ("usable_area", "使用面积"),
        ("living_area", "生活用房"),
        ("outdoor_area", "室外场地"),
    )
    rows = tuple(
        f"{label} {shown(area)} 平方米" + (f"，每个托位 {shown(area / Decimal(places))} 平方米" if places else "")
        for name, label in names
        if (area := values.get(name)) is not None
    )
    odd = at_odds(values.get("floor_area"), values.get("usable_area"), values.get("living_area"))
    if odd:
        return Evidence("面积", STOP, "前后不符", "；".join(odd) + "。", rows)
    return Evidence(
        "面积",
        FINE if rows else NONE,
        "相符" if rows else "没有填写",
        "各项面积前后相符。" if rows else "没有填写面积。",
        rows,
    )
