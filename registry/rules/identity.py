"""The resident identity number (公民身份号码), GB 11643. No message here repeats any part of the number typed.

Also accepted: residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83 …) and the 18-character permanent
residence card of foreigners (9 + two digits of the province that took the application), which use the same check digit.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from operator import mul

from registry.codes import registration as codes
from registry.rules import clauses
from registry.rules.characters import compact
from registry.rules.uscc import PROVINCES
from yancheng_childcare.id_numbers import CHECK_CHARACTERS, WEIGHTS
from yancheng_childcare.problems import Problem

FIELD = "legal_rep_id_no"
LENGTH = 18
MIN_AGE, MAX_AGE = 18, 100
_REGIONS = PROVINCES | {"83"}
_SHAPE = re.compile("[1-9][0-9]{16}[0-9X]")
_CHECK_BYTES = CHECK_CHARACTERS.encode()
_ZERO_SUM = ord("0") * sum(WEIGHTS)


def normalise(text: str) -> str:
    """The number as it is stored: half-width, capital X, no blanks. Idempotent."""
    return compact(text)


def mask(text: str) -> str:
    """First 3, thirteen stars, last 2 (domain.md §13.2): the birth date is always hidden. Other lengths: stars only."""
    number = normalise(text)
    return f"{number[:3]}{'*' * 13}{number[-2:]}" if len(number) == LENGTH else "*" * len(number)


def check_character(first17: str) -> str:
    """The 18th character for 17 digits. Raises ValueError on anything but digits."""
    return CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def is_valid(number: str, today: date) -> bool:
    """Whether an already normalised number passes every check of `check_id_number`; the fast way to ask."""
    if not _SHAPE.fullmatch(number):
        return False
    raw = number.encode()
    if _CHECK_BYTES[(sum(map(mul, raw, WEIGHTS)) - _ZERO_SUM) % 11] != raw[17]:
        return False
    born = number[6:14]
    earliest, latest = _birth_bounds(today)
    return earliest < born <= latest and _exists(born) and _region_exists(number)


def check_id_number(text: str, *, today: date, field: str = FIELD) -> list[Problem]:
    """Everything wrong with a legal representative's number on the day `today`; [] when it is right.

    Source: GB 11643 (domain.md §1.3); the ages 18 to 100 are this portal's choice (full civil capacity begins at 18).
    """
    number = normalise(text)
    if is_valid(number, today):
        return []
    if not number:
        return [_problem(field, codes.ID_EMPTY, "请填写法定代表人（负责人）的身份证号，18 位。")]
    if len(number) == 15 and number.isdecimal():
        message = "这是 15 位旧身份证号，已经停用，请填写现行身份证上的 18 位号码。"
        return [_problem(field, codes.ID_OLD_FORM, message)]
    if len(number) != LENGTH:
        message = f"身份证号应为 18 位，现在是 {len(number)} 位，请对照证件核对。"
        return [_problem(field, codes.ID_LENGTH, message)]
    if wrong := _wrong_positions(number):
        message = f"身份证号{wrong}不是数字（只有第18位可以是 X），请对照证件核对。"
        return [_problem(field, codes.ID_CHARACTER, message)]
    found = []
    if not _region_exists(number):
        message = "身份证号前两位不是已知的省级地区码，请对照证件核对。"
        found.append(_problem(field, codes.ID_REGION, message))
    found.extend(_birth_problems(number[6:14], today, field))
    right = check_character(number[:17])
    if number[17] != right:
        message = f"身份证号校验未通过：按前17位计算，第18位应为 {right}，请对照证件逐位核对。"
        found.append(_problem(field, codes.ID_CHECK_DIGIT, message))
    return found


def make_id_number(region: str, born: date, serial: int) -> str:
    """A fictional number with the check digit right, for demo data and tests.

    `region` six digits, `serial` 0-999 (odd = male). Raises ValueError on parts that do not fit.
    """
    if not re.fullmatch("[0-9]{6}", region) or not 0 <= serial <= 999:
        raise ValueError("region must be six digits and serial 0-999")
    first17 = f"{region}{born:%Y%m%d}{serial:03d}"
    return first17 + check_character(first17)


def _problem(field: str, code: str, message: str, clause: str = clauses.ID_STANDARD) -> Problem:
    return Problem(code, field, message, clause=clause)


def _wrong_positions(number: str) -> str:
    digits = "0123456789"
    wrong = [i for i, c in enumerate(number, 1) if c not in digits and not (i == LENGTH and c == "X")]
    listed = "、".join(f"第{i}位" for i in wrong[:3])
    return f"{listed}等 {len(wrong)} 处" if len(wrong) > 3 else listed


def _region_exists(number: str) -> bool:
    return number[:2] in _REGIONS or (number[0] == "9" and number[1:3] in PROVINCES)


def _exists(born: str) -> bool:
    try:
        date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=8)
def _birth_bounds(today: date) -> tuple[str, str]:
    """YYYYMMDD bounds: born after the first (not yet 101), at latest on the second (18 today). Text sorts as dates."""
    month_day = f"{today:%m%d}"
    return f"{today.year - MAX_AGE - 1:04d}{month_day}", f"{today.year - MIN_AGE:04d}{month_day}"


def _birth_problems(born: str, today: date, field: str) -> list[Problem]:
    earliest, latest = _birth_bounds(today)
    if not _exists(born):
        return [_problem(field, codes.ID_BIRTH_DATE, "身份证号第7至14位的出生日期不存在，请对照证件核对。")]
    if born > f"{today:%Y%m%d}":
        return [_problem(field, codes.ID_BORN_IN_FUTURE, "身份证号第7至14位的出生日期晚于今天，请对照证件核对。")]
    if born > latest:
        message = f"身份证号显示本人不满 {MIN_AGE} 周岁，不能担任法定代表人（负责人），请核对人员和号码。"
        return [_problem(field, codes.ID_TOO_YOUNG, message, clauses.AGREED)]
    if born <= earliest:
        message = f"身份证号显示本人超过 {MAX_AGE} 周岁，请对照证件核对出生日期。"
        return [_problem(field, codes.ID_TOO_OLD, message, clauses.AGREED)]
    return []
