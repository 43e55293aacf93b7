"""Every check of one registration that needs no stored record (domain.md §1.1-§1.3).

Pure: a mapping with the field names of domain.md §1.2 goes in, problems come out. Values may be raw text (form, API,
spreadsheet) or already typed. BLOCK stops the entry; WARN is kept with the record and listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from registry.choices import CapitalKind, Nature
from registry.codes import registration as codes
from registry.rules import clauses, identity, uscc, values
from registry.rules.characters import compact
from registry.rules.scope import check_scope
from registry.rules.values import TextRule, is_open_ended, read_day, read_text, unreadable
from yancheng_childcare.blanks import is_blank
from yancheng_childcare.problems import Level, Problem

TEXTS: dict[str, TextRule] = {
    "uscc": TextRule("统一社会信用代码", 100),
    "name": TextRule("机构名称", 100),
    "nature": TextRule("机构性质", 20),
    "registered_address": TextRule("住所", 200),
    "region_code": TextRule("所属县（市、区）", 20),
    "town_code": TextRule("所属镇（街道）", 20),
    "legal_rep_name": TextRule("法定代表人（负责人）姓名", 50),
    "legal_rep_id_no": TextRule("法定代表人（负责人）证件号", 100),
    "capital_kind": TextRule("资金类型", 20),
    "business_scope": TextRule("业务（经营）范围", 4000, lines=True),
    "purpose": TextRule("宗旨", 1000, lines=True),
    "supervising_unit": TextRule("业务主管单位", 100),
    "contact_phone": TextRule("联系电话", 40),
}
DAYS = {"established_on": "成立日期", "approved_on": "核准日期", "valid_from": "有效期起", "valid_to": "有效期止"}
#: In the order of domain.md §1.2; problems are listed in it.
FIELDS = (
    "uscc", "name", "nature", "registered_address", "region_code", "town_code", "legal_rep_name", "legal_rep_id_no",
    "registered_capital", "capital_kind", "business_scope", "purpose", "supervising_unit", "established_on",
    "approved_on", "valid_from", "valid_to", "contact_phone",
)  # fmt: skip
#: The kind of capital follows from the nature (`preset_capital_kind`).
OPTIONAL = frozenset({"purpose", "supervising_unit", "valid_to", "contact_phone", "capital_kind"})
LABELS = {name: rule.label for name, rule in TEXTS.items()} | DAYS | {"registered_capital": "注册资本（开办资金）"}

AUTHORITY_LABELS = {"MARKET": "市场监管部门", "CIVIL": "民政部门", "STAFFING": "机构编制部门", "EDU": "教育部门"}
_OWN_AUTHORITIES: dict[str, frozenset[str]] = {
    Nature.PUBLIC: frozenset({"STAFFING"}),
    Nature.NONPROFIT: frozenset({"CIVIL"}),
    Nature.FORPROFIT: frozenset({"MARKET"}),
    Nature.FORPROFIT_IND: frozenset({"MARKET"}),
    Nature.HOME: frozenset({"MARKET"}),
    Nature.KINDERGARTEN: frozenset(AUTHORITY_LABELS),
    Nature.EMPLOYER: frozenset({"MARKET", "CIVIL", "STAFFING"}),
}
#: An employer's own code can have any prefix (随举办单位); a kindergarten keeps the one it was registered with.
_OWN_PREFIXES: dict[str, frozenset[str]] = {
    Nature.PUBLIC: frozenset({"12"}),
    Nature.NONPROFIT: frozenset({"52"}),
    Nature.FORPROFIT: frozenset({"91"}),
    Nature.FORPROFIT_IND: frozenset({"92"}),
    Nature.HOME: frozenset({"91", "92"}),
    Nature.KINDERGARTEN: frozenset({"12", "52", "91", "92"}),
    Nature.EMPLOYER: frozenset(uscc.PREFIXES),
}
_DEPARTMENT_AUTHORITY = {"1": "STAFFING", "5": "CIVIL", "9": "MARKET"}
_DEPARTMENT_CAPITAL = {"1": CapitalKind.STARTUP, "5": CapitalKind.STARTUP, "9": CapitalKind.REGISTERED}
_NAMED_BY_HOST = frozenset({Nature.KINDERGARTEN, Nature.EMPLOYER})
_NATURES, _CAPITAL_KINDS = frozenset(Nature.values), frozenset(CapitalKind.values)
_PLACE = {"": -1, **{field: place for place, field in enumerate(FIELDS)}}
_NUMBERED = frozenset({"uscc", "legal_rep_id_no"})
#: Codes with a form of their own; stored without blanks, in half-width capitals.
_OWN_CHECKS: dict[str, Callable[[str, str, list[Problem]], None]] = {
    "region_code": values.check_region,
    "town_code": values.check_town,
    "contact_phone": values.check_phone,
}
#: What many rows of a table have in common, and names nobody.
_SHARED = frozenset(FIELDS) - {
    "uscc", "name", "registered_address", "legal_rep_name", "legal_rep_id_no", "contact_phone"
}  # fmt: skip
_REMEMBERED_LENGTH = 300


def check_registration(data: Mapping[str, Any], *, today: date, authority_kind: str | None = None) -> list[Problem]:
    """All problems of one registration, in the order of the fields; [] when it can be entered without remark.

    `authority_kind`: kind of the entering department (MARKET, CIVIL, STAFFING, EDU), None when not yet known.
    Never raises on bad values; no message repeats an ID number, a person's name or a telephone number.
    """
    return read_registration(data, today=today, authority_kind=authority_kind)[1]


def clean_registration(data: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values to store: texts folded, codes normalised, dates and amounts parsed, "" for no text.

    Only meaningful after `check_registration` found nothing that blocks; unknown keys are left out.
    """
    return _completed({field: _read(field, data.get(field))[0] for field in FIELDS})


def read_registration(
    data: Mapping[str, Any], *, today: date, authority_kind: str | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """What `clean_registration` and `check_registration` say, in one reading: imports ask a hundred thousand times."""
    read: dict[str, Any] = {}
    blank: set[str] = set()
    found: list[Problem] = []
    for field in FIELDS:
        value = data.get(field)
        # What many rows of a table share is read once: dates, scopes, divisions; nothing that names a person.
        remembered = field in _SHARED and type(value) is str and len(value) <= _REMEMBERED_LENGTH
        read[field], wrong = (_read_shared if remembered else _read)(field, value)
        if not read[field] and is_blank(value):
            blank.add(field)
        if wrong:
            found += wrong
    if read["legal_rep_id_no"] is not None:
        found += identity.check_id_number(read["legal_rep_id_no"], today=today)
    _check_days(read, today, found)
    _check_nature(read, authority_kind, found)
    _check_required(blank, read["nature"] or "", found)
    _check_region_of_code(read["uscc"] or "", read["region_code"] or "", found)
    if len(found) > 1:
        found.sort(key=lambda problem: _PLACE[problem.field])
    return _completed(read), found


def preset_capital_kind(nature: str, code: str) -> str:
    """注册资本 or 开办资金 where it was left open, as it follows from nature and code; "" while the nature is open."""
    if nature not in _NATURES:
        return ""
    return str((_capital_kind(nature, compact(code)[:2]) or CapitalKind.REGISTERED).value)


def matches(nature: str, prefix: str, capital_kind: str, authority_kind: str | None) -> bool:
    """Whether these four belong together (REG-01, REG-02)."""
    return not _check_kinds(nature, prefix, capital_kind, authority_kind)


def _read(field: str, value: Any) -> tuple[Any, tuple[Problem, ...]]:
    """One field by itself: its value as it is stored, None for one that cannot be used, and what is wrong with it.

    A value a spreadsheet has none for gets one sentence, whatever else it is not.
    """
    if wrong := unreadable(field, value, LABELS[field]):
        return None, tuple(wrong)
    found: list[Problem] = []
    if field in _NUMBERED and (value is None or isinstance(value, str)):
        # Codes keep their inner characters for their own checks, which name positions. The ID number's asks for the day.
        number = compact(value or "")
        return number, tuple(uscc.check_uscc(number)) if field == "uscc" else ()
    if is_blank(value):
        return (None if field in DAYS or field == "registered_capital" else ""), ()
    if field in DAYS:
        open_ended = field == "valid_to" and is_open_ended(value)
        return (None if open_ended else read_day(field, value, DAYS[field], found)), tuple(found)
    if field == "registered_capital":
        values.check_capital(field, value, found)
        return values.as_capital(value), tuple(found)
    text = read_text(field, value, TEXTS[field], found)
    if text is None:
        return None, tuple(found)
    if check := _OWN_CHECKS.get(field):
        check(field, text, found)
    return (compact(text) if field in _OWN_CHECKS else text), tuple(found)


_read_shared = lru_cache(maxsize=4096)(_read)


def _completed(read: dict[str, Any]) -> dict[str, Any]:
    """With the kind of capital that follows where it was left open."""
    read["capital_kind"] = read["capital_kind"] or preset_capital_kind(read["nature"] or "", read["uscc"] or "")
    return read


def _check_required(blank: set[str], nature: str, found: list[Problem]) -> None:
    for field in FIELDS if blank - OPTIONAL - _NUMBERED else ():
        if field in blank and field not in OPTIONAL and field not in _NUMBERED:
            found.append(Problem(codes.REQUIRED, field, f"请填写{LABELS[field]}，这一项必填。", clause=clauses.AGREED))
    if "purpose" in blank and nature in (Nature.NONPROFIT, Nature.PUBLIC):
        clause = clauses.NON_ENTERPRISE_ITEMS if nature == Nature.NONPROFIT else clauses.PUBLIC_INSTITUTION_ITEMS
        message = f"{Nature(nature).label}必须填写宗旨，见登记证书上的“宗旨和业务范围”。"
        found.append(Problem(codes.PURPOSE_REQUIRED, "purpose", message, clause=clause))
    if "supervising_unit" in blank and nature == Nature.NONPROFIT:
        message = "民办非企业单位必须填写业务主管单位，见登记证书。"
        clause = clauses.NON_ENTERPRISE_ITEMS
        found.append(Problem(codes.SUPERVISING_UNIT_REQUIRED, "supervising_unit", message, clause=clause))
    if "contact_phone" in blank:
        message = "没有联系电话，卫健和公安收到推送后联系不上机构，建议补填。"
        found.append(Problem(codes.PHONE_MISSING, "contact_phone", message, Level.WARN, clauses.AGREED))


def _check_days(days: Mapping[str, Any], today: date, found: list[Problem]) -> None:
    established, approved = days["established_on"], days["approved_on"]
    begins, ends = days["valid_from"], days["valid_to"]
    if established and established > today:
        message = "成立日期不能晚于今天，请对照证照核对。"
        found.append(Problem(codes.ESTABLISHED_IN_FUTURE, "established_on", message, clause=clauses.AGREED))
    if approved and established and approved < established:
        message = "核准日期不能早于成立日期，请对照证照核对这两个日期。"
        found.append(Problem(codes.APPROVED_BEFORE_ESTABLISHED, "approved_on", message, clause=clauses.AGREED))
    if approved and approved > today:
        message = "核准日期不能晚于今天，请对照证照核对。"
        found.append(Problem(codes.APPROVED_IN_FUTURE, "approved_on", message, clause=clauses.AGREED))
    if begins and ends and ends <= begins:
        message = "有效期止必须晚于有效期起，请核对；长期有效的把有效期止留空。"
        found.append(Problem(codes.VALIDITY_REVERSED, "valid_to", message, clause=clauses.AGREED))
    elif ends and ends < today:
        message = "证照有效期已过，可以先录入，请提醒机构换证。"
        found.append(Problem(codes.CERTIFICATE_EXPIRED, "valid_to", message, Level.WARN, clauses.AGREED))


def _check_nature(read: Mapping[str, Any], authority_kind: str | None, found: list[Problem]) -> None:
    nature, kind = read["nature"] or "", read["capital_kind"] or ""
    if authority_kind is not None and authority_kind not in AUTHORITY_LABELS:
        message = "报送单位不是登记机关，登记由机构编制、民政或市场监管部门办理（幼儿园托班可由教育部门报送）。"
        found.append(Problem(codes.AUTHORITY_UNKNOWN, "", message, clause=clauses.FILING_AUTHORITY))
        authority_kind = None
    if kind and kind not in _CAPITAL_KINDS:
        message = "资金类型请填 REGISTERED（注册资本）或 STARTUP（开办资金）。"
        found.append(Problem(codes.CAPITAL_KIND_UNKNOWN, "capital_kind", message))
        kind = ""
    if nature and nature not in _NATURES:
        message = f"机构性质请从 {'、'.join(f'{value}（{label}）' for value, label in Nature.choices)} 中选择。"
        found.append(Problem(codes.NATURE_UNKNOWN, "nature", message))
        nature = ""
    if not nature:
        return
    code = read["uscc"] or ""
    prefix = code[:2] if len(code) == uscc.LENGTH and code[:2] in uscc.PREFIXES else ""
    found += _check_kinds(nature, prefix, kind, authority_kind)
    if scope := read["business_scope"]:
        found += check_scope(scope, nature)
    if name := read["name"]:
        _check_name(name, nature, found)


@lru_cache(maxsize=1024)
def _check_kinds(nature: str, prefix: str, kind: str, authority: str | None) -> tuple[Problem, ...]:
    """Nature ↔ prefix ↔ authority ↔ kind of capital; an empty prefix, kind or authority is not checked."""
    found: list[Problem] = []
    label = Nature(nature).label
    allowed = _OWN_PREFIXES[nature]
    if prefix and prefix not in allowed:
        expected = " 或 ".join(sorted(allowed))
        actual = f"{prefix}（{uscc.PREFIXES[prefix]}）"
        message = f"机构性质是{label}，信用代码应以 {expected} 开头，现在以 {actual}开头，请核对这两项。"
        found.append(Problem(codes.NATURE_PREFIX, "nature", message, clause=clauses.AGREED))
    elif authority and authority not in _OWN_AUTHORITIES[nature]:
        owners = "、".join(AUTHORITY_LABELS[kind] for kind in sorted(_OWN_AUTHORITIES[nature]))
        message = f"{label}由{owners}登记，{AUTHORITY_LABELS[authority]}不能录入，请核对机构性质或转请对方录入。"
        found.append(Problem(codes.NATURE_AUTHORITY, "nature", message, clause=clauses.FILING_AUTHORITY))
    elif authority and authority != "EDU" and _DEPARTMENT_AUTHORITY.get(prefix[:1], authority) != authority:
        owner = AUTHORITY_LABELS[_DEPARTMENT_AUTHORITY[prefix[0]]]
        message = f"信用代码以 {prefix} 开头，由{owner}登记，{AUTHORITY_LABELS[authority]}不能录入，请核对信用代码。"
        found.append(Problem(codes.NATURE_AUTHORITY, "nature", message, clause=clauses.FILING_AUTHORITY))
    right = _capital_kind(nature, prefix)
    if kind and right and kind != right:
        message = f"{label}应填{right.label}（{right.value}），不是{CapitalKind(kind).label}，请改选资金类型。"
        found.append(Problem(codes.CAPITAL_KIND_MISMATCH, "capital_kind", message, clause=clauses.AGREED))
    return tuple(found)


def _capital_kind(nature: str, prefix: str) -> CapitalKind | None:
    """The kind of capital that goes with the nature; for a host's own registration, with its prefix. None = either."""
    if nature in _NAMED_BY_HOST:
        return _DEPARTMENT_CAPITAL.get(prefix[:1])
    return CapitalKind.STARTUP if nature in (Nature.PUBLIC, Nature.NONPROFIT) else CapitalKind.REGISTERED


def _check_name(name: str, nature: str, found: list[Problem]) -> None:
    """REG-04: a home-based place must, an institution may have “托育” in its name; hosts keep their own name."""
    if "托育" in compact(name) or nature in _NAMED_BY_HOST:
        return
    if nature == Nature.HOME:
        message = "家庭托育点的名称应当有“托育”字样，请对照营业执照核对，执照上没有的请先变更名称。"
        found.append(Problem(codes.HOME_NAME, "name", message, clause=clauses.HOME_RULES))
    else:
        message = "机构名称没有“托育”字样，可以录入，建议变更名称时加上，方便家长辨认。"
        found.append(Problem(codes.NAME_WITHOUT_WORDING, "name", message, Level.WARN, clauses.FILING_NAME))


def _check_region_of_code(code: str, region: str, found: list[Problem]) -> None:
    """Digits 3-8 are the authority's division, not the institution's: a difference is only worth a look."""
    if region and code[2:8] != region and uscc.is_valid(code):
        message = (
            f"信用代码第3至8位是登记机关区划 {code[2:8]}，与所属县（市、区）{region} 不同；"
            "市级登记或开发区属正常，请确认所在地无误。"
        )
        found.append(Problem(codes.REGION_DIFFERS, "region_code", message, Level.WARN, clauses.AGREED))
