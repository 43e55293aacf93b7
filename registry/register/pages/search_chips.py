"""What is applied, as chips that take one thing away, and the links that sort."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.places import place_name

from ..query import ORDERINGS, SearchQuery
from .filter_form import FLAGS, GROUPS, LABELS, SERVICES


def word_of(name: str, value: str) -> str:
    """A value as it is read: the name of a place, the label of a choice, `18 个月`."""
    if name in {"region", "town"}:
        return place_name(value.upper()) or value
    if name == "near":
        return place_name(value.upper()) or "我的位置"
    if name == "months":
        return f"{value} 个月"
    if name in {"fee_from", "fee_to"}:
        return f"{int(value):,} 元"
    options = SERVICES if name == "service" else GROUPS[name][1] if name in GROUPS else {}
    return options.get(value, value)


def chips_of(query: SearchQuery, path: str) -> list[dict[str, str]]:
    """One chip for everything applied: `name` of the parameter, `label`, and `remove_url`, the address without it.

    A county takes its town along, the place distances are measured from the order by distance.
    """
    chips = []
    start = next((name for name in ("near", "region", "town") if name in query.given), "")
    for name, values in query.given.items():
        for value in values:
            if name == "q" and "literal" in query.given:
                label = f"只按文字查找：{value}"
            elif name in FLAGS and value == "1":
                label = FLAGS[name]
            elif name in LABELS:
                label = f"{LABELS[name]}：{word_of(name, value)}"
            else:
                continue
            also = {"town": ""} if name == "region" else {}
            if query.ordering == "distance" and name == start:
                also = {**also, "ordering": ""}
            chips.append(
                {"name": name, "label": label, "remove_url": query.address(path, without=(name, value), **also)}
            )
    return chips


def understood_of(query: SearchQuery, answered: SearchQuery, path: str) -> dict[str, Any] | None:
    """How the words were understood: `parts` (label and the address without it), `name`, and the way to the letters alone.

    None when they were looked for as typed.
    """
    if not answered.read:
        return None
    whole = " ".join(query.terms)
    # A filter of several values (供餐) was said once: its chip takes all of them away.
    said = {part.words: part for part in answered.understood}
    parts = [
        {"label": _said(part.name, part.value, words), "remove_url": query.address(path, q=_without(whole, words))}
        for words, part in said.items()
    ]
    return {"parts": parts, "name": answered.words, "literal_url": query.address(path, literal=1)}


def _said(name: str, value: str, words: str) -> str:
    return word_of(name, value) if name in {"region", "town", "months"} else words


def _without(whole: str, words: str) -> str:
    """The question without these words; pinyin may stand in it with blanks."""
    if words in whole:
        return " ".join(whole.replace(words, " ", 1).split())
    return whole.replace(" ", "").replace(words, "", 1)


def area_words(query: SearchQuery) -> str:
    """The area and filters of a question in words: `亭湖区“普惠”`; 全市 for none."""
    parts = dict.fromkeys(_said(part.name, part.value, part.words) for part in query.understood)
    places_said = {place_name(query.town), place_name(query.region)}
    area = "".join(word for word in parts if word in places_said)
    return (area or "全市") + "".join(f"“{word}”" for word in parts if word not in places_said)


def plain_address(reading: SearchQuery) -> dict[str, list[str]]:
    """The parameters of a question as understood, so that a link asks for its filters themselves."""
    found = {name: values for name, values in reading.given.items() if name != "q"}
    for part in reading.understood:
        found.setdefault(part.name, []).append(part.value)
    return found


def orderings_of(query: SearchQuery, path: str) -> list[dict[str, object]]:
    """Links that sort: `label`, `url`, `current`. Distance has none before there is a place to measure from."""
    from_somewhere = bool(query.near or query.region or query.town)
    return [
        {
            "label": label if value != "relevance" or query.terms else "默认顺序",
            # With a place to measure from, distance is what is not said.
            "url": query.address(path, ordering=value if value != "relevance" or query.near else "")
            if value != "distance" or from_somewhere
            else "",
            "current": value == query.ordering,
        }
        for value, label in ORDERINGS.items()
    ]
