"""Words of official letters: Chinese numbers and dates (GB/T 9704—2012, 7.3.3 and 7.3.5.4), grounds, how to object."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

# What is this portal's own choice, not law: what its pages call it, and what an authority says.
AGREED = "平台约定"
OUR_PRACTICE = "本市办理约定"
LONGEST_OFFICE = 16
_COMMITTEE = "管理委员会"
#: What never breaks over the end of a line: document numbers, dates, codes, numbers with their unit, articles. Python and
#: Typst (Rust) read it alike, so no look-around.
WHOLE = re.compile(
    r"[一-龥]{0,6}〔\d{4}〕\d+号"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
    r"|\d[\d,.]*(?:—\d[\d,.]*)? ?(?:个?工作日|个?托位|个?月|平方米|元(?:/[年月周天日])?|小时|日|天|年|周|岁|人|名|项|次|层|%|％|㎡)"
    r"|(?:[A-Z]{2,3}(?:/T)? )?[A-Z0-9]+(?:[-—/.][A-Z0-9]+)+"
    r"|[A-Z0-9]{8,24}"
    r"|第 ?[\d一二三四五六七八九十百]+ ?[条款项次版]"
)
#: A document with its number: 《名称》（国卫办人口发〔2019〕25号）.
_NUMBERED = re.compile(r"(《[^《》]+》)（[^（）]*〔\d{4}〕\d+号）")
# Corner brackets, which are quotation marks elsewhere.
_QUOTED = {0x300C: "“", 0x300D: "”"}
_DIGITS = "〇一二三四五六七八九"


def chinese_number(number: int) -> str:
    """一, 十, 十二, 四十: the number of a first-level item, 1 to 99; beyond that plain digits."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """`2026年11月3日`: Arabic digits without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def office_lines(name: str) -> str:
    """An authority's name as head and signature set it: over 16 characters on two lines, parted behind 管理委员会."""
    if len(name) <= LONGEST_OFFICE:
        return name
    seam = name.find(_COMMITTEE) + len(_COMMITTEE) if _COMMITTEE in name[:-1] else (len(name) + 1) // 2
    return f"{name[:seam]}\n{name[seam:]}".strip()


def official(text: str) -> str:
    """A text as a letter says it: our own rules under their official name, quotation marks of the mainland."""
    return text.replace(AGREED, OUR_PRACTICE).translate(_QUOTED)


def cited_once(texts: Iterable[str]) -> list[str]:
    """The texts of one letter, where a document bears its number only the first time it is named."""
    told: set[str] = set()

    def cite(found: re.Match[str]) -> str:
        again = found[0] in told
        told.add(found[0])
        return found[1] if again else found[0]

    return [_NUMBERED.sub(cite, text) for text in texts]


def sentence(text: str) -> str:
    """What somebody wrote, ended as a sentence."""
    text = text.strip()
    return text if text.endswith(("。", "！", "？", "；")) else f"{text}。"


def remedy_words(decision: str, review_body: str) -> str:
    """How to object: review within 60 days (行政复议法 第20条), suit within six months (行政诉讼法 第46条)."""
    return (
        f"对{decision}不服的，可以自收到之日起 60 日内向{review_body}申请行政复议，"
        "也可以自收到之日起 6 个月内依法向人民法院提起行政诉讼。"
    )
