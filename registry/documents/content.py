"""A letter as the words and numbers that are drawn: the one source of its paper and of its HTML twin."""

from __future__ import annotations

from typing import Any

from .letters import Letter, LetterItem, LetterKind
from .wording import chinese_date, chinese_number, official_ground

DEMO_BANNER = "演示数据　机构、人员、编号均为虚构，不作为任何依据"
PREVIEW_MARK = "预览，未发出"
SEAL_PLACE = "此处加盖电子印章"
SEAL_NOTE = "电子印章服务尚未接入，本件未加盖印章"
NUMBER_LATER = "发出时生成"

# What the portal's pages say besides (where to correct it, the number of the rule) has no place in an official letter.
_CAPTIONS = {
    LetterKind.CORRECTION: {"finding": "存在问题", "clause": "依据", "how_to_fix": "补正要求"},
    LetterKind.NONCONFORMING: {"finding": "存在问题", "clause": "依据", "how_to_fix": "整改要求"},
    LetterKind.REJECTION: {"finding": "理由", "clause": "依据", "how_to_fix": "办理方式", "where": "办理机关"},
    LetterKind.CHANGE_REFUSAL: {"finding": "理由", "clause": "依据"},
    LetterKind.RESCISSION: {"finding": "事实和理由", "clause": "依据"},
}


def content(letter: Letter) -> dict[str, Any]:
    """Everything a letter shows, in reading order, as plain JSON-ready values.

    Keys: banner, watermark, authority, title, number, addressee, paragraphs, rows [(label, value)], items [{heading,
    lines [(label, text)], points [(text, source)]}], closing, signed_by, signed_on, seal, seal_note, qr_url,
    qr_caption. A text that is empty is not shown.
    """
    captions = _CAPTIONS.get(letter.kind, {})
    return {
        "banner": DEMO_BANNER if letter.demo else "",
        "watermark": PREVIEW_MARK if letter.preview else "",
        "authority": letter.authority,
        "title": letter.title,
        "number": f"编号：{letter.number or NUMBER_LATER}",
        "addressee": f"{letter.addressee}：",
        "paragraphs": list(letter.paragraphs),
        "rows": [list(row) for row in letter.rows],
        "items": [_item(place, item, captions) for place, item in enumerate(letter.items, start=1)],
        "closing": list(letter.closing),
        "signed_by": letter.authority,
        "signed_on": chinese_date(letter.issued_on),
        "seal": SEAL_PLACE,
        "seal_note": SEAL_NOTE,
        "qr_url": letter.qr_url,
        "qr_caption": letter.qr_caption if letter.qr_url else "",
    }


def _item(place: int, item: LetterItem, captions: dict[str, str]) -> dict[str, Any]:
    lines = [[label, official_ground(text)] for name, label in captions.items() if (text := getattr(item, name))]
    return {
        "heading": f"{chinese_number(place)}、{item.title}",
        "lines": lines,
        "points": [list(point) for point in item.points],
    }
