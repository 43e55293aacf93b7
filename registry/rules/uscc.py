"""The unified social credit code (统一社会信用代码), GB 32100-2015, and the organisation code inside it, GB 11714.

Positions: 1 registering department, 2 category, 3-8 division of the registering authority, 9-17 organisation code
(17 is its own check digit), 18 check digit. Every weight is prime to 31 and the 31 characters have distinct values,
so any single wrong character changes the sum: one mistake is always caught, and at each position exactly one
character would repair it. That is what `suggest` uses.
"""

from __future__ import annotations

import re
from operator import mul

from registry.codes import registration as codes
from registry.rules import clauses
from registry.rules.characters import compact, shown
from yancheng_childcare.problems import Problem

FIELD = "uscc"
NAME = "统一社会信用代码"
LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: 3^(i-1) mod 31 for positions 1-17; the check character itself counts once.
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

DEPARTMENTS = {
    "1": "机构编制", "2": "外交", "3": "司法行政", "4": "文化", "5": "民政", "6": "旅游", "7": "宗教", "8": "工会",
    "9": "市场监管", "A": "中央军委改革和编制", "N": "农业", "Y": "其他",
}  # fmt: skip
#: First two characters → what they stand for (GB 32100-2015 with amendment 1; general knowledge, marked [K]).
PREFIXES = {
    "11": "机关", "12": "事业单位", "13": "群众团体", "19": "机构编制其他", "21": "外国常驻新闻机构", "29": "外交其他",
    "31": "律师执业机构", "32": "公证处", "33": "基层法律服务所", "34": "司法鉴定机构", "35": "仲裁委员会",
    "39": "司法行政其他", "41": "外国在华文化中心", "49": "文化其他", "51": "社会团体", "52": "民办非企业单位",
    "53": "基金会", "59": "民政其他", "61": "外国旅游部门常驻机构", "62": "港澳台旅游部门常驻机构", "69": "旅游其他",
    "71": "宗教活动场所", "72": "宗教院校", "79": "宗教其他", "81": "基层工会", "89": "工会其他", "91": "企业",
    "92": "个体工商户", "93": "农民专业合作社", "A1": "军队事业单位", "A9": "军队其他", "N1": "组级集体经济组织",
    "N2": "村级集体经济组织", "N3": "乡镇级集体经济组织", "N9": "农业其他", "Y1": "其他组织",
}  # fmt: skip
#: First two digits of a division code (GB/T 2260); "10" is the national level of a registering authority.
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
REGISTERING_DIVISIONS = PROVINCES | {"10"}

#: What the five letters the standard leaves out are usually misread from.
LOOK_ALIKES = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}

_ORGANISATION_STARTS = {"12": "MB", "52": "MJ"}
_SHAPE = re.compile("[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{8}[0-9X][0-9A-HJ-NPQRTUWXY]")
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
# bytes.translate and map(mul) stay in C: imports check a hundred thousand codes.
_BYTE_VALUE_31 = bytes(_VALUE.get(chr(byte), 0) for byte in range(256))
_BYTE_VALUE_36 = bytes(int(chr(byte), 36) if chr(byte) in ALPHABET else 0 for byte in range(256))
_WEIGHTS_WITH_CHECK = (*WEIGHTS, 1)
_INVERSES = tuple(pow(weight, -1, 31) for weight in WEIGHTS)


def normalise(text: str) -> str:
    """The code as it is stored: half-width capitals, every blank removed, also inside. Idempotent."""
    return compact(text)


def check_character(first17: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015). Raises KeyError on characters outside the alphabet."""
    return ALPHABET[-sum(_VALUE[c] * w for c, w in zip(first17, WEIGHTS, strict=True)) % 31]


def organisation_check_character(first8: str) -> str:
    """The check digit of an organisation code for its first eight characters (GB 11714): 0-9 or X."""
    remainder = 11 - sum(int(c, 36) * w for c, w in zip(first8, ORGANISATION_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def is_valid(code: str) -> bool:
    """Whether an already normalised code passes every check of `check_uscc`; the fast way to ask."""
    if not _SHAPE.fullmatch(code):
        return False
    raw = code.encode()
    if sum(map(mul, raw.translate(_BYTE_VALUE_31), _WEIGHTS_WITH_CHECK)) % 31:
        return False
    own = 10 if code[16] == "X" else raw[16] - 48
    if (sum(map(mul, raw[8:16].translate(_BYTE_VALUE_36), ORGANISATION_WEIGHTS)) + own) % 11:
        return False
    return code[:2] in PREFIXES and code[2:4] in REGISTERING_DIVISIONS


def suggest(code: str) -> str | None:
    """The one code that differs by one character or one swap of neighbours and passes all checks; None if 0 or several.

    Only a hint: the certificate decides.
    """
    if len(code) != LENGTH or any(c not in _VALUE for c in code):
        return None
    candidates = {code[:17] + check_character(code[:17])}
    excess = sum(map(mul, code.encode().translate(_BYTE_VALUE_31), _WEIGHTS_WITH_CHECK))
    for i, inverse in enumerate(_INVERSES):
        candidates.add(code[:i] + ALPHABET[(_VALUE[code[i]] - excess * inverse) % 31] + code[i + 1 :])
        candidates.add(code[:i] + code[i + 1] + code[i] + code[i + 2 :])
    repaired = [candidate for candidate in candidates if candidate != code and is_valid(candidate)]
    return repaired[0] if len(repaired) == 1 else None


def check_uscc(text: str) -> list[Problem]:
    """Everything wrong with a code, blanks and width forgiven; [] when it is right. Source: domain.md §1.3.

    Stops at the first group of mistakes that makes the later ones meaningless (empty, length, characters).
    """
    code = normalise(text)
    if is_valid(code):
        return []
    if not code:
        return [_problem(codes.USCC_EMPTY, "请填写统一社会信用代码，18 位，见营业执照或登记证书。")]
    if len(code) != LENGTH:
        return [_problem(codes.USCC_LENGTH, _length_message(len(code)))]
    if wrong := [i for i, character in enumerate(code) if character not in _VALUE]:
        return [_problem(codes.USCC_CHARACTER, _character_message(code, wrong))]
    return [*_structure(code), *_check_digits(code)]


def make_uscc(prefix: str, region: str, serial: int) -> str:
    """A fictional code with both check digits right, for demo data and tests; never for a real institution.

    `prefix` two characters (e.g. "91"), `region` six digits, `serial` 0 ≤ n < 31⁶; different serials give different
    codes. The organisation code starts as real new ones do (MA, MJ, MB). Raises ValueError on parts that do not fit.
    """
    if prefix not in PREFIXES or not re.fullmatch("[0-9]{6}", region) or region[:2] not in REGISTERING_DIVISIONS:
        raise ValueError("prefix or region is not one of GB 32100-2015")
    if not 0 <= serial < 31**6:
        raise ValueError("serial must fit six characters of the USCC alphabet")
    digits = "".join(ALPHABET[serial // 31**power % 31] for power in range(5, -1, -1))
    return complete_uscc(prefix + region + _ORGANISATION_STARTS.get(prefix, "MA") + digits)


def complete_uscc(first16: str) -> str:
    """Appends both check digits to the first 16 characters. Raises ValueError when they cannot form a code."""
    if len(first16) != 16 or any(c not in _VALUE for c in first16):
        raise ValueError("expected 16 characters of the USCC alphabet")
    first17 = first16 + organisation_check_character(first16[8:])
    return first17 + check_character(first17)


def _problem(code: str, message: str, clause: str = clauses.USCC_STANDARD) -> Problem:
    return Problem(code, FIELD, message, clause=clause)


def _length_message(length: int) -> str:
    if length == 15:
        return "统一社会信用代码应为 18 位，现在是 15 位（像是旧的工商注册号），请填写换照后的 18 位代码。"
    if length == 9:
        return "统一社会信用代码应为 18 位，现在是 9 位（像是旧的组织机构代码），请填写证照上的 18 位代码。"
    difference = f"少 {LENGTH - length} 位" if length < LENGTH else f"多 {length - LENGTH} 位"
    return f"统一社会信用代码应为 18 位，现在是 {length} 位，{difference}，请对照证照补正。"


def _character_message(code: str, wrong: list[int]) -> str:
    parts = []
    for i in wrong[:3]:
        similar = LOOK_ALIKES.get(code[i])
        hint = f"，可能是{'数字' if similar.isdigit() else '字母'} {similar}" if similar else ""
        parts.append(f"第{i + 1}位是{shown(code[i])}{hint}")
    listed = "；".join(parts) + (f"；共有 {len(wrong)} 处" if len(wrong) > 3 else "")
    repaired = "".join(LOOK_ALIKES.get(character, character) for character in code)
    checked = "（照此改后校验通过）" if is_valid(repaired) else ""
    return f"统一社会信用代码{listed}{checked}，代码里不使用 I、O、S、V、Z 和符号，请对照证照核对。"


def _structure(code: str) -> list[Problem]:
    """Department, category and division, in the order of the characters."""
    found = []
    if code[0] not in DEPARTMENTS:
        message = f"{NAME}第1位 {code[0]} 不是登记管理部门代码（机构编制 1、民政 5、市场监管 9 等），请对照证照核对。"
        found.append(_problem(codes.USCC_DEPARTMENT, message))
    elif code[:2] not in PREFIXES:
        message = f"{NAME}第2位 {code[1]} 不是{DEPARTMENTS[code[0]]}部门登记的机构类别，请对照证照核对。"
        found.append(_problem(codes.USCC_CATEGORY, message))
    division = code[2:8]
    if letters := [i for i, character in enumerate(division, 3) if not character.isdigit()]:
        listed = "、".join(f"第{i}位" for i in letters)
        message = f"{NAME}第3至8位是登记机关的区划，只能是数字，{listed}是字母，请对照证照核对。"
        found.append(_problem(codes.USCC_REGION_DIGITS, message))
    elif division[:2] not in REGISTERING_DIVISIONS:
        message = f"{NAME}第3、4位 {division[:2]} 不是已知的省级区划（江苏为 32），请对照证照核对。"
        found.append(_problem(codes.USCC_PROVINCE, message))
    return found


def _check_digits(code: str) -> list[Problem]:
    """The 18th first: it covers the whole code. The hint goes with the first finding only."""
    found = []
    candidate = suggest(code)
    hint = f"；如果只错一处，可能是 {candidate}" if candidate and candidate[:17] != code[:17] else ""
    right, own = check_character(code[:17]), organisation_check_character(code[8:16])
    if code[17] != right:
        message = f"{NAME}校验未通过：按前17位计算，第18位应为 {right}，现在是 {code[17]}{hint}，请对照证照核对。"
        found.append(_problem(codes.USCC_CHECK_DIGIT, message))
        hint = ""
    if code[16] != own:
        message = f"{NAME}校验未通过：按第9至16位计算，第17位应为 {own}，现在是 {code[16]}{hint}，请对照证照核对。"
        found.append(_problem(codes.USCC_ORGANISATION_DIGIT, message, clauses.ORGANISATION_STANDARD))
    return found
