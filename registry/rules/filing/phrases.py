"""The reviewers' phrase bank (`registry/data/phrases.csv`): a finding in fixed words, its clause and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.choices import ItemVerdict

from .catalogue import RULES
from .tables import read_table

_RULE = {rule.id: rule for rule in sorted(RULES, key=lambda rule: rule.effective_from)}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase. `item` is a material's code or a section's name; clause and advice come from the rule if not given."""

    id: str
    item: str
    verdict: str
    phrase: str
    rule_id: str
    clause: str
    how_to_fix: str


def load_phrases(rows: Iterable[Mapping[str, str]]) -> tuple[Phrase, ...]:
    """Phrases from table rows. Raises ValueError for an unknown rule or verdict, or without clause or advice."""
    found = []
    for row in rows:
        rule = _RULE.get(row["rule_id"])
        clause = row["clause"] or (rule.clause if rule else "")
        advice = row["how_to_fix"] or (rule.how_to_fix if rule else "")
        known = row["verdict"] in {ItemVerdict.SUPPLEMENT, ItemVerdict.NONCONFORMS}
        if not (clause and advice and known) or (row["rule_id"] and rule is None):
            raise ValueError(f"{row['id']}: unknown rule or verdict, or nothing to cite or advise")
        found.append(Phrase(row["id"], row["item"], row["verdict"], row["phrase"], row["rule_id"], clause, advice))
    return tuple(found)


PHRASES = load_phrases(read_table("phrases"))


def phrases_for(item: str, verdict: str = "") -> list[Phrase]:
    """The phrases of one item, all or those of one verdict."""
    return [p for p in PHRASES if p.item == item and verdict in {"", p.verdict}]
