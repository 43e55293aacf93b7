"""The blocks of an institution's public page. Each says who supplied it and when it was confirmed.

A builder turns `Sources` into a `Block` or None (nothing to say). A part of the portal that does not exist yet has no
block: a page promises nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..sources import Sources

OFFICIAL, INSTITUTION = "OFFICIAL", "INSTITUTION"


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` says who supplied it: an authority or the institution itself; the two are never mixed in one block.

    `facts` is JSON without personal data; `empty` is the sentence shown when there is nothing yet.
    """

    kind: str
    source: str
    confirmed_on: date | None
    facts: dict[str, Any] = field(default_factory=dict)
    empty: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as the API gives it; the day in ISO."""
        # Not `asdict`: its copy of every fact was a third of the time an entry takes.
        return {
            "kind": self.kind,
            "source": self.source,
            "confirmed_on": self.confirmed_on.isoformat() if self.confirmed_on else None,
            "facts": self.facts,
            "empty": self.empty,
        }


Builder = Callable[[Sources], Block | None]
_builders: dict[str, Builder] = {}
# Reading order of the page: lawful status, safety, what was seen, what it costs, who cares (product.md C2).
TITLES = {
    "standing": "是否合法",
    "closing": "停业与终止服务",
    "safety": "安全底线",
    "inspections": "现场核实",
    "supervision": "监督检查",
    "fees": "收费",
    "classes": "班级与师生配比",
    "staff": "人员",
    "service": "服务内容",
    "registration": "登记信息",
    "changes": "变更记录",
    "committee": "家长委员会",
    "contact": "联系与监督",
}


def set_builder(name: str, builder: Builder) -> None:
    """Give a block its builder; the last one given counts. Raises KeyError for a block the page does not have."""
    if name not in TITLES:
        raise KeyError(name)
    _builders[name] = builder


def build_content(sources: Sources) -> dict[str, Any]:
    """Every block of the page by name, as JSON, in reading order."""
    found = {}
    for name in TITLES:
        if builder := _builders.get(name):
            block = builder(sources)
            if block is not None:
                found[name] = block.as_json()
    return found


# They register their builders; at the end, because they need the names above.
from . import official, reported  # noqa: E402, F401
