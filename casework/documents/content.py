"""A letter as the words and numbers that are drawn: the one source of its paper and of its HTML twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .sheet import Letter, LetterItem
from .wording import WHOLE, chinese_date, chinese_number, office_lines, official, sentence

DEMO_BANNER = "演示数据　机构、人员、编号均为虚构，不作为任何依据"
PREVIEW_MARK = "预览，未发出"
SEAL_PLACE = "此处加盖电子印章"
SEAL_NOTE = "（电子印章服务尚未接入，本件未加盖印章）"
NUMBER_LATER = "发出时生成"

_CAPTIONS: dict[str, Mapping[str, str]] = {}
_PLAIN = {"finding": "事实", "clause": "依据", "how_to_fix": "要求"}


def add_captions(captions: Mapping[str, Mapping[str, str]]) -> None:
    """What the parts of an item are called in an app's own letters: kind → part → caption; a part not named is not drawn."""
    _CAPTIONS.update(captions)


def content(letter: Letter) -> dict[str, Any]:
    """Everything a letter shows, in reading order, as plain JSON-ready values.

    Keys in the order of GB/T 9704—2012, 7: banner, watermark, authority, number, title, addressee, paragraphs, rows
    [(label, value)], items [{heading, lines [(label, text)], points [(text, source)]}], closing, attachments, signed_by,
    signed_on, seal, qr_url, qr_caption, note; `whole` is the pattern of what never breaks over a line. A text that is
    empty is not shown.
    """
    captions = _CAPTIONS.get(letter.kind, _PLAIN)
    return {
        "banner": DEMO_BANNER if letter.demo else "",
        "watermark": PREVIEW_MARK if letter.preview else "",
        "authority": office_lines(letter.authority),
        "number": f"编号：{letter.number or NUMBER_LATER}",
        "title": letter.title,
        "addressee": f"{letter.addressee}：",
        "paragraphs": [official(words) for words in letter.paragraphs],
        "rows": [list(row) for row in letter.rows],
        "items": [_item(place, item, captions) for place, item in enumerate(letter.items, start=1)],
        "closing": [official(words) for words in letter.closing],
        "attachments": _attachments(letter.attachments),
        "signed_by": office_lines(letter.authority),
        "signed_on": chinese_date(letter.issued_on),
        "seal": SEAL_PLACE,
        "qr_url": letter.qr_url,
        "qr_caption": letter.qr_caption if letter.qr_url else "",
        "note": SEAL_NOTE,
        "whole": WHOLE.pattern,
    }


def _item(place: int, item: LetterItem, captions: Mapping[str, str]) -> dict[str, Any]:
    """First level “一、”, second level “（一）” (GB/T 9704—2012, 7.3.3)."""
    lines = [
        [label, official(text if name in {"clause", "where"} else sentence(text))]
        for name, label in captions.items()
        if (text := getattr(item, name))
    ]
    points = [
        [f"（{chinese_number(number)}）{official(text)}", f"（依据：{source}）" if source else ""]
        for number, (text, source) in enumerate(item.points, start=1)
    ]
    return {"heading": f"{chinese_number(place)}、{item.title}", "lines": lines, "points": points}


def _attachments(names: tuple[str, ...]) -> list[str]:
    """“附件：名称”, several of them numbered (GB/T 9704—2012, 7.3.4)."""
    if len(names) < 2:
        return [f"附件：{name}" for name in names]
    return [f"{'附件：' if number == 1 else ''}{number}. {name}" for number, name in enumerate(names, start=1)]
