"""Every check of one registration that needs no stored record (domain.md §1.1-§1.3).

Pure: a mapping with the field names of domain.md §1.2 goes in, problems come out. Values may be raw text (form, API,
spreadsheet) or already typed. BLOCK stops the entry; WARN is kept with the record and listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from registry.choices import CapitalKind, Nature
from registry.codes import registration as codes
from registry.rules import clauses, identity, uscc, values
from registry.rules.characters import compact, folded
from registry.rules.scope import check_scope
from registry.rules.values import TextRule, is_blank, is_open_ended, read_day, read_text, unreadable
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


def check_registration(data: Mapping[str, Any], *, today: date, authority_kind: str | None = None) -> list[Problem]:
    """All problems of one registration, in the order of the fields; [] when it can be entered without remark.

    `authority_kind`: kind of the entering department (MARKET, CIVIL, STAFFING, EDU), None when not yet known.
    Never raises on bad values; no message repeats an ID number, a person's name or a telephone number.
    """
    lost = [problem for field in FIELDS for problem in unreadable(field, data.get(field), LABELS[field])]
    found: list[Problem] = []
    texts = _read_texts(data, found)
    if "uscc" in texts:
        found += uscc.check_uscc(texts["uscc"])
    if "legal_rep_id_no" in texts:
        found += identity.check_id_number(texts["legal_rep_id_no"], today=today)
    if not is_blank(data.get("registered_capital")):
        values.check_capital("registered_capital", data["registered_capital"], found)
    if region := texts.get("region_code"):
        values.check_region("region_code", region, found)
    if town := texts.get("town_code"):
        values.check_town("town_code", town, found)
    if phone := texts.get("contact_phone"):
        values.check_phone("contact_phone", phone, found)
    _check_days(data, today, found)
    _check_nature(texts, authority_kind, found)
    _check_required(data, texts.get("nature", ""), found)
    _check_region_of_code(texts, found)
    if lost:  # one sentence for each, whatever else such a value is not
        named = {problem.field for problem in lost}
        found = [*lost, *(problem for problem in found if problem.field not in named)]
    found.sort(key=lambda problem: FIELDS.index(problem.field) if problem.field else -1)
    return found


def clean_registration(data: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values to store: texts folded, codes normalised, dates and amounts parsed, "" for no text.

    Only meaningful after `check_registration` found nothing that blocks; unknown keys are left out.
    """
    clean: dict[str, Any] = {}
    for field in TEXTS:
        text = data.get(field) or ""
        coded = field in ("uscc", "region_code", "town_code", "legal_rep_id_no", "contact_phone")
        clean[field] = compact(text) if coded else folded(text, lines=TEXTS[field].lines)
    for field in DAYS:
        clean[field] = values.as_day(data.get(field))
    clean["capital_kind"] = clean["capital_kind"] or preset_capital_kind(clean["nature"], clean["uscc"])
    amount: Decimal | None = values.as_capital(data.get("registered_capital"))
    clean["registered_capital"] = amount
    return clean


def preset_capital_kind(nature: str, code: str) -> str:
    """注册资本 or 开办资金 where it was left open, as it follows from nature and code; "" while the nature is open."""
    if nature not in Nature.values:
        return ""
    return str((_capital_kind(nature, compact(code)[:2]) or CapitalKind.REGISTERED).value)


def matches(nature: str, prefix: str, capital_kind: str, authority_kind: str | None) -> bool:
    """Whether these four belong together (REG-01, REG-02): the table behind the fast path."""
    found: list[Problem] = []
    _check_kinds(nature, prefix, capital_kind, authority_kind, found)
    return not found


def _read_texts(data: Mapping[str, Any], found: list[Problem]) -> dict[str, str]:
    """Usable texts by field. Codes keep their inner characters for their own checks, which name positions."""
    texts: dict[str, str] = {}
    for field, rule in TEXTS.items():
        value = data.get(field)
        if field in ("uscc", "legal_rep_id_no"):
            if value is None or isinstance(value, str):
                texts[field] = value or ""
            else:
                read_text(field, value, rule, found)
        elif not is_blank(value) and (text := read_text(field, value, rule, found)) is not None:
            texts[field] = text
    return texts


def _check_required(data: Mapping[str, Any], nature: str, found: list[Problem]) -> None:
    for field in FIELDS:
        if field not in OPTIONAL and field not in ("uscc", "legal_rep_id_no") and is_blank(data.get(field)):
            found.append(Problem(codes.REQUIRED, field, f"请填写{LABELS[field]}，这一项必填。", clause=clauses.AGREED))
    if nature in (Nature.NONPROFIT, Nature.PUBLIC) and is_blank(data.get("purpose")):
        clause = clauses.NON_ENTERPRISE_ITEMS if nature == Nature.NONPROFIT else clauses.PUBLIC_INSTITUTION_ITEMS
        message = f"{Nature(nature).label}必须填写宗旨，见登记证书上的“宗旨和业务范围”。"
        found.append(Problem(codes.PURPOSE_REQUIRED, "purpose", message, clause=clause))
    if nature == Nature.NONPROFIT and is_blank(data.get("supervising_unit")):
        message = "民办非企业单位必须填写业务主管单位，见登记证书。"
        clause = clauses.NON_ENTERPRISE_ITEMS
        found.append(Problem(codes.SUPERVISING_UNIT_REQUIRED, "supervising_unit", message, clause=clause))
    if is_blank(data.get("contact_phone")):
        message = "没有联系电话，卫健和公安收到推送后联系不上机构，建议补填。"
        found.append(Problem(codes.PHONE_MISSING, "contact_phone", message, Level.WARN, clauses.AGREED))


def _check_days(data: Mapping[str, Any], today: date, found: list[Problem]) -> None:
    days: dict[str, date] = {}
    for field, label in DAYS.items():
        value = data.get(field)
        open_ended = field == "valid_to" and is_open_ended(value)
        if not is_blank(value) and not open_ended and (day := read_day(field, value, label, found)):
            days[field] = day
    established, approved = days.get("established_on"), days.get("approved_on")
    begins, ends = days.get("valid_from"), days.get("valid_to")
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


def _check_nature(texts: dict[str, str], authority_kind: str | None, found: list[Problem]) -> None:
    nature, kind = texts.get("nature", ""), texts.get("capital_kind", "")
    if authority_kind is not None and authority_kind not in AUTHORITY_LABELS:
        message = "报送单位不是登记机关，登记由机构编制、民政或市场监管部门办理（幼儿园托班可由教育部门报送）。"
        found.append(Problem(codes.AUTHORITY_UNKNOWN, "", message, clause=clauses.FILING_AUTHORITY))
        authority_kind = None
    if kind and kind not in CapitalKind.values:
        message = "资金类型请填 REGISTERED（注册资本）或 STARTUP（开办资金）。"
        found.append(Problem(codes.CAPITAL_KIND_UNKNOWN, "capital_kind", message))
        kind = ""
    if nature and nature not in Nature.values:
        message = f"机构性质请从 {'、'.join(f'{value}（{label}）' for value, label in Nature.choices)} 中选择。"
        found.append(Problem(codes.NATURE_UNKNOWN, "nature", message))
        nature = ""
    if not nature:
        return
    code = compact(texts.get("uscc", ""))
    prefix = code[:2] if len(code) == uscc.LENGTH and code[:2] in uscc.PREFIXES else ""
    _check_kinds(nature, prefix, kind, authority_kind, found)
    if scope := texts.get("business_scope"):
        found += check_scope(scope, nature)
    if name := texts.get("name"):
        _check_name(name, nature, found)


def _check_kinds(nature: str, prefix: str, kind: str, authority: str | None, found: list[Problem]) -> None:
    """Nature ↔ prefix ↔ authority ↔ kind of capital; an empty prefix, kind or authority is not checked."""
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


def _check_region_of_code(texts: dict[str, str], found: list[Problem]) -> None:
    """Digits 3-8 are the authority's division, not the institution's: a difference is only worth a look."""
    code, region = compact(texts.get("uscc", "")), compact(texts.get("region_code", ""))
    if region and uscc.is_valid(code) and code[2:8] != region:
        message = (
            f"信用代码第3至8位是登记机关区划 {code[2:8]}，与所属县（市、区）{region} 不同；"
            "市级登记或开发区属正常，请确认所在地无误。"
        )
        found.append(Problem(codes.REGION_DIFFERS, "region_code", message, Level.WARN, clauses.AGREED))
