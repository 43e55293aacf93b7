"""Single values of a registration: text, dates, money, telephone, division codes; raw text or already typed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from registry.codes import registration as codes
from registry.rules import clauses
from registry.rules.characters import CONTROL_IN_LINE, CONTROL_IN_TEXT, UNREADABLE, compact, folded
from yancheng_childcare.blanks import BLANKS
from yancheng_childcare.problems import Level, Problem, refuse_id_number

FIRST_DAY = date(1949, 1, 1)
#: 万元; the most decimals keep a single fen.
MAX_CAPITAL = Decimal(10) ** 8
MAX_DECIMALS = Decimal("0.000001")
#: How certificates print that they do not end; a stroke or dashes stand in the place of the day.
LONG_TERM = re.compile("(?:至)?(?:长期|永久)(?:有效)?|无固定期限|无期限|不约定(?:期限)?|/|[-—–―─]{1,4}")
LONG_TERM_WORDS = "长期有效的请填“长期”（也认“长期有效”“至长期”“永久”“/”“——”），或留空"

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DAY = re.compile(
    "(?P<y>[0-9]{4})(?:[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?|(?P<mm>[0-9]{2})(?P<dd>[0-9]{2}))"
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_COUNTRY = r"(?:\+?86-?)?"
PHONE = re.compile(
    rf"{_COUNTRY}1[3-9][0-9]{{9}}|{_COUNTRY}\(?0[1-9][0-9]{{1,2}}\)?-?[2-9][0-9]{{6,7}}(?:(?:-|转)[0-9]{{1,6}})?"
    "|[48]00-?[0-9]{3}-?[0-9]{4}|[48]00-?[0-9]{4}-?[0-9]{3}"
)
_PHONE_WITHOUT_AREA = re.compile("[2-9][0-9]{6,7}(?:(?:-|转)[0-9]{1,6})?")
#: GB/T 2260 and statistical codes are digits; this portal's own zone code ends in two letters (3209GX).
_REGION = re.compile("[0-9]{4}[0-9A-Z]{2}")
_TOWN = re.compile("[0-9]{6}[0-9A-Z]{3}")
#: A name in the place of a code: whoever looked it up in the table of divisions did not find it.
_NAMED = re.compile("[\u4e00-\u9fff]")
CITY_PREFIX, CITY_CODE = "3209", "320900"


class TextRule(NamedTuple):
    """One text field: its Chinese name, longest length in characters, whether line breaks may stand in it."""

    label: str
    limit: int
    lines: bool = False


def is_open_ended(value: object) -> bool:
    """Whether an end of validity says in words or with a stroke that there is none."""
    return isinstance(value, str) and LONG_TERM.fullmatch(compact(value)) is not None


def unreadable(field: str, value: object, label: str) -> list[Problem]:
    """The problem with a value a spreadsheet has none for (#N/A, #VALUE!, #####); [] otherwise. It never counts as empty."""
    text = value.strip(BLANKS) if isinstance(value, str) and "#" in value else ""
    if not UNREADABLE.fullmatch(text):
        return []
    message = f"{label}在表格里是 {text[:20]}，不是内容，请改正公式或加宽列后填入实际内容，确实没有的请清空这一格。"
    return [Problem(codes.UNREADABLE, field, message)]


def read_text(field: str, value: object, rule: TextRule, found: list[Problem]) -> str | None:
    """The text as `folded` leaves it; None, with the reason appended to `found`, when it cannot be used."""
    if not isinstance(value, str):
        message = f"{rule.label}应当是文字；来自表格的，请把单元格设为文本格式后重填，避免数字被改写。"
        found.append(Problem(codes.NOT_TEXT, field, message))
        return None
    if wrong := unreadable(field, value, rule.label):
        found += wrong
        return None
    text = folded(value, lines=rule.lines)
    if len(text) > rule.limit:
        message = f"{rule.label}最多 {rule.limit} 个字，现在是 {len(text)} 个，请精简后重填。"
        found.append(Problem(codes.TOO_LONG, field, message, clause=clauses.AGREED))
        return None
    if control := (CONTROL_IN_TEXT if rule.lines else CONTROL_IN_LINE).search(text):
        message = f"{rule.label}第{control.start() + 1}个字符看不见（控制字符或换行），请删除后手工重填这一项。"
        found.append(Problem(codes.CONTROL_CHARACTER, field, message))
        return None
    if refused := refuse_id_number(field, text):
        found += refused
        return None
    return text


def as_day(value: object) -> date | None:
    """A date, a datetime's day, or text like 2026-11-23; None when it is not one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(text := compact(value)):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_day(field: str, value: object, label: str, found: list[Problem]) -> date | None:
    """The day, or None with the reason appended: wrong form, no such day, before 1949."""
    if wrong := unreadable(field, value, label):
        found += wrong
        return None
    day = as_day(value)
    if day is None:
        text = compact(value) if isinstance(value, str) else ""
        if _DAY.fullmatch(text):
            message = f"{label}不存在（没有这一天），请核对后重填。"
            found.append(Problem(codes.DATE_NOT_EXISTING, field, message))
        else:
            words = f"{label}请按“年-月-日”填写，例如 {_example(text)}"
            more = f"；{LONG_TERM_WORDS}。" if field == "valid_to" else "。"
            found.append(Problem(codes.DATE_FORMAT, field, words + more))
        return None
    if day < FIRST_DAY:
        message = f"{label}早于 1949 年，请核对年份。"
        found.append(Problem(codes.DATE_TOO_EARLY, field, message, clause=clauses.AGREED))
        return None
    return day


def as_capital(value: object) -> Decimal | None:
    """The amount in 万元; None when it is not a plain finite number. Never goes through binary fractions."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = compact(value)
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, float | int | Decimal):
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return amount if amount.is_finite() else None
    return None


def check_capital(field: str, value: object, found: list[Problem]) -> None:
    """Appends what is wrong with an amount in 万元: a number, above 0, at most 10⁸, at most 6 decimals."""
    amount = as_capital(value)
    if amount is None:
        message = "资金数额只填数字，单位万元，例如 50 或 12.5，不带逗号和“万元”。"
        found.append(Problem(codes.CAPITAL_NOT_NUMBER, field, message))
    elif amount <= 0:
        message = "资金数额应大于 0（单位万元），请对照证照核对。"
        found.append(Problem(codes.CAPITAL_NOT_POSITIVE, field, message, clause=clauses.AGREED))
    elif amount > MAX_CAPITAL:
        message = "资金数额超过 1 亿万元，请核对单位是不是把元当成了万元。"
        found.append(Problem(codes.CAPITAL_TOO_LARGE, field, message, clause=clauses.AGREED))
    elif amount != amount.quantize(MAX_DECIMALS):
        message = "资金数额最多 6 位小数（单位万元），请四舍五入后重填。"
        found.append(Problem(codes.CAPITAL_DECIMALS, field, message, clause=clauses.AGREED))


def check_phone(field: str, text: str, found: list[Problem]) -> None:
    """Appends what is wrong with a mobile, landline or service number. The number itself is never repeated."""
    number = compact(text)
    if PHONE.fullmatch(number):
        return
    if _PHONE_WITHOUT_AREA.fullmatch(number):
        message = "联系电话没有区号，建议写成 0515-88888888 的样子，便于外地部门拨打。"
        found.append(Problem(codes.PHONE_NO_AREA_CODE, field, message, Level.WARN, clauses.AGREED))
    else:
        message = "联系电话格式不对，请填 11 位手机号，或带区号的座机，例如 0515-88888888。"
        found.append(Problem(codes.PHONE_FORMAT, field, message, clause=clauses.AGREED))


def check_region(field: str, text: str, found: list[Problem]) -> None:
    """Appends what is wrong with a county's or zone's code, as far as no table of divisions is needed."""
    code = compact(text)
    if _NAMED.search(code):
        message = f"没有找到名称为“{code[:20]}”的县（市、区），请照区划表填写名称或 6 位代码，例如亭湖区 320902。"
        found.append(Problem(codes.REGION_FORMAT, field, message))
    elif not _REGION.fullmatch(code):
        message = "县（市、区）代码应为 6 位，例如亭湖区 320902，请从区划表中选择。"
        found.append(Problem(codes.REGION_FORMAT, field, message))
    elif not code.startswith(CITY_PREFIX):
        message = "县（市、区）代码不属于盐城市（应以 3209 开头），请核对机构所在地。"
        found.append(Problem(codes.REGION_OUTSIDE, field, message, clause=clauses.AGREED))
    elif code == CITY_CODE:
        message = "请选到机构所在的县（市、区）或开发区，不能只选盐城市。"
        found.append(Problem(codes.REGION_IS_CITY, field, message, clause=clauses.AGREED))


def check_town(field: str, text: str, found: list[Problem]) -> None:
    """Appends what is wrong with the form of a town's or street's code (9 characters)."""
    if _NAMED.search(code := compact(text)):
        message = (
            f"所属县（市、区）内没有找到名称为“{code[:20]}”的镇（街道），"
            "请照区划表填写名称或 9 位代码，例如五星街道 320902001。"
        )
        found.append(Problem(codes.TOWN_FORMAT, field, message))
    elif not _TOWN.fullmatch(code):
        message = "镇（街道）代码应为 9 位，例如五星街道 320902001，请从区划表中选择。"
        found.append(Problem(codes.TOWN_FORMAT, field, message))


def _example(text: str) -> str:
    """The typed day in the expected form when it can be read, else the form itself."""
    if read := _OTHER_DAY.fullmatch(text):
        year, month, day = int(read["y"]), int(read["m"] or read["mm"]), int(read["d"] or read["dd"])
        if year >= 1 and 1 <= month <= 12 and 1 <= day <= 31:
            return f"{year:04d}-{month:02d}-{day:02d}"
    return "2026-11-23"
