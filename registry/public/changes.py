"""What changed for the public between two states of an entry: history, feeds and mails are made of nothing else."""

from __future__ import annotations

from typing import Any

from ..choices import Nature, PublicChangeKind, PublicStatus
from ..models import PublicEntry
from .sources import Sources


def changes_between(old: PublicEntry | None, values: dict[str, Any], sources: Sources) -> list[dict[str, str]]:
    """Rows {kind, title, detail} for `PublicChange`; figures the institution keeps up to date itself are not news."""
    name, found = values["name"], []

    def add(kind: PublicChangeKind, title: str, detail: str = "") -> None:
        found.append({"kind": kind.value, "title": f"{name}：{title}"[:120], "detail": detail[:600]})

    if old is None or old.status != values["status"]:
        before = str(PublicStatus(old.status).label) if old else ""
        add(
            PublicChangeKind.STATUS,
            str(PublicStatus(values["status"]).label),
            f"原为{before}" if before else "",
        )
    if old is None:
        return found
    if old.name != values["name"]:
        add(PublicChangeKind.NAME, "名称变更", f"原名称：{old.name}")
    for key, kind, title, label in (
        ("address", PublicChangeKind.ADDRESS, "地址变更", "地址"),
        ("capacity_total", PublicChangeKind.PLACES, "托位数变更", "托位"),
        ("fee_month", PublicChangeKind.FEES, "收费变更", "全日托保育费（元/月）"),
    ):
        before, after = old.card.get(key), values["card"].get(key)
        if before != after and after not in (None, ""):
            if kind == PublicChangeKind.ADDRESS and Nature.HOME in {old.nature, values["nature"]}:
                # What it was before may be the door that nobody may know.
                add(kind, title)
                continue
            add(kind, title, f"{label}：{before if before not in (None, '') else '未填'} → {after}")
    return found
