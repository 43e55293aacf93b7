"""What changed for the public between two states of an entry: history, feeds and mails are made of nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

from casework.documents.wording import chinese_date
from yancheng_childcare.templatetags.wording import money

from ..choices import LISTED_STATES, PublicChangeKind, PublicStatus
from ..models import PublicEntry
from .closing import beginning, sentence
from .wording import LEGAL_REP, NO_DOOR


def changes_between(old: PublicEntry | None, values: dict[str, Any]) -> list[dict[str, str]]:
    """Rows {kind, title, detail} for `PublicChange`; figures the institution keeps up to date itself are not news."""
    name, found = values["name"], []

    def add(kind: PublicChangeKind, title: str, detail: str = "") -> None:
        found.append({"kind": kind.value, "title": f"{name}：{title}"[:120], "detail": detail[:600]})

    if old is None or old.status != values["status"]:
        before = f"原为{PublicStatus(old.status).label}" if old else _filed(values["card"].get("filed_on"))
        if values["status"] == PublicStatus.SUSPENDED:
            before = "。".join(part for part in (before, "".join(map(sentence, plans_of(values["content"])))) if part)
        add(PublicChangeKind.STATUS, str(PublicStatus(values["status"]).label), before)
    if old is None:
        return found
    if old.status == values["status"]:
        found += _plan_changes(name, plans_of(old.content), plans_of(values["content"]))
    elif old.status == PublicStatus.SUSPENDED and values["status"] in LISTED_STATES:
        # It goes on after all: that its end was taken back is news of its own, that a suspension is over is said above.
        ends = [[plan for plan in plans_of(content) if plan["final"]] for content in (old.content, values["content"])]
        found += _plan_changes(name, *ends)
    if old.name != values["name"]:
        add(PublicChangeKind.NAME, "名称变更", f"原名称：{old.name}")
    # Who runs it is what parents must know when they read an older grade (product.md §0.8); who it was, is not.
    for title, person in ((f"{LEGAL_REP}变更", legal_rep_of), ("机构负责人变更", principal_of)):
        if (was := person(old.content)) and was != person(values["content"]) != "":
            add(PublicChangeKind.PRINCIPAL, title)
    for key, kind, title, label in (
        ("address", PublicChangeKind.ADDRESS, "地址变更", "地址"),
        ("capacity_total", PublicChangeKind.PLACES, "托位数变更", "托位"),
        ("fee_month", PublicChangeKind.FEES, "收费变更", "全日托保育费"),
    ):
        before, after = old.card.get(key), values["card"].get(key)
        if before != after and after not in (None, ""):
            if kind == PublicChangeKind.ADDRESS and NO_DOOR in f"{before}{after}":
                # What it was before may be the door that nobody may know.
                add(kind, title)
                continue
            add(kind, title, f"{label}：{_shown(kind, before)} → {_shown(kind, after)}")
    return found


def plans_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The arrangements of a suspension or closure on the page."""
    found: list[dict[str, Any]] = content.get("closing", {}).get("facts", {}).get("plans", [])
    return found


def _plan_changes(name: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, str]]:
    """An arrangement that is new, says something else, or was withdrawn; parents act on it, so it is news at once."""
    before, after = ({bool(plan["final"]): plan for plan in plans} for plans in (old, new))
    found = []
    for final, word in ((False, "停业"), (True, "终止服务")):
        plan, former = after.get(final), before.get(final)
        if plan and former and sentence(plan) != sentence(former):
            found.append((f"{word}安排有调整", sentence(plan)))
        elif plan and not former:
            found.append((beginning(plan), sentence(plan)))
        elif final in before and final not in after:
            found.append((f"撤回{word}安排", ""))
    kind = PublicChangeKind.STATUS.value
    return [{"kind": kind, "title": f"{name}：{title}"[:120], "detail": words[:600]} for title, words in found]


def legal_rep_of(content: dict[str, Any]) -> str:
    """The legal representative on the page; "" when it names none."""
    rows = content.get("registration", {}).get("facts", {}).get("rows", [])
    return next((str(row["value"]) for row in rows if row["label"] == LEGAL_REP), "")


def principal_of(content: dict[str, Any]) -> str:
    """The principal on the page; "" when it names none."""
    return str(content.get("contact", {}).get("facts", {}).get("principal") or "")


def _filed(day: str | None) -> str:
    """What stands at the beginning of a history: the entry is younger than the filing it tells of."""
    if not day:
        return ""
    return f"备案日期 {chinese_date(date.fromisoformat(day))}"


def _shown(kind: PublicChangeKind, value: Any) -> str:
    if value in (None, ""):
        return "未填"
    if kind == PublicChangeKind.FEES:
        return f"{money(value)}/月"
    return f"{value} 个" if kind == PublicChangeKind.PLACES else str(value)
