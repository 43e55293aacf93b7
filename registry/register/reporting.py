"""Reports of the public: an error on a page, or a place that takes children and is not on the register.

Nobody needs an account. The answer is asked for with number and code; only the code's hash is stored. The code is made
from the form's own secret, so that the same form sent twice is one report and shows the same code both times.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from casework.cases import open_with
from casework.models import Case
from casework.types import System
from yancheng_childcare.limits import HOUR, Limit, check_limit
from yancheng_childcare.places import places
from yancheng_childcare.problems import Problem
from yancheng_childcare.secret_codes import code_from, grouped, hashed, matches

from ..choices import ReportKind
from ..codes import register as codes
from ..registration.pages.lookup import storable
from .blocks import TITLES
from .report_mail import is_email
from .report_type import REPORT

NUMBER = re.compile(r"YC-BC-[0-9]{4}-[0-9]{6,8}")
TEXT_MIN, TEXT_MAX, RIGHT_MAX = 10, 1000, 500
# Per network address and hour; a wrong code is cheap to try, so the limit is what protects the answers.
REPORTS_AN_HOUR, LOOKS_AN_HOUR = 10, 30
_SALT = "registry.register.report"
_NONCE = re.compile(r"[0-9A-Za-z_-]{43}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")


@dataclass(frozen=True, slots=True)
class Words:
    """What was reported, checked: ready to be stored. `region` is a county or zone code."""

    kind: str
    text: str
    region: str
    contact: str = ""
    uscc: str = ""
    name: str = ""
    place: str = ""
    block: str = ""
    code_hash: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter keeps: number and code (grouped 4-4), who answers and until when."""

    no: str
    code: str
    owner: str
    due_on: date | None


def read_error(data: Mapping[str, Any], *, card: Mapping[str, Any]) -> tuple[Words | None, list[Problem]]:
    """A report on a block of the page of `card` (its public line), or everything that is wrong with it."""
    found: list[Problem] = []
    block = str(data.get("block") or "")
    if block not in TITLES:
        found.append(Problem(codes.REPORT_TEXT, "block", "请选择哪一栏有误。"))
    text = _told(data, "text", "哪里不对", found)
    right = storable("right", data.get("right"), "正确的内容", RIGHT_MAX, found)
    contact = read_contact(data.get("contact"), found)
    if found:
        return None, found
    whole = f"{text}\n\n正确的内容：{right}" if right else text
    place = {"uscc": str(card["uscc"]), "name": str(card["name"])}
    return Words(ReportKind.ERROR.value, whole, str(card["region_code"]), contact, block=block, **place), []


def read_unfiled(data: Mapping[str, Any]) -> tuple[Words | None, list[Problem]]:
    """Word of a place that is not on the register, or everything that is wrong with it."""
    found: list[Problem] = []
    name = storable("name", data.get("name"), "机构名称或招牌", 100, found)
    region = str(data.get("region") or "")
    if places().get(region, ("", "", ""))[0] not in {"COUNTY", "ZONE"}:
        found.append(Problem(codes.REPORT_PLACE, "region", "请选择在哪个县（市、区）。"))
    before = len(found)
    place = storable("place", data.get("place"), "地址", 200, found)
    if len(place) < 4 and len(found) == before:
        words = "请写明在什么地方，例如路名和门牌号、小区或附近的店铺（不少于 4 个字）。"
        found.append(Problem(codes.REPORT_PLACE, "place", words))
    text = _told(data, "text", "看到了什么", found)
    contact = read_contact(data.get("contact"), found)
    if found:
        return None, found
    return Words(ReportKind.UNFILED.value, text, region, contact, name=name, place=place), []


def read_contact(value: object, found: list[Problem]) -> str:
    """A telephone number or e-mail address, or "" when none was left; the reason in `found` when it is neither."""
    before = len(found)
    text = storable("contact", value, "联系方式", 254, found).strip()
    if not text or len(found) > before or _PHONE.fullmatch(text) or is_email(text):
        return text
    found.append(Problem(codes.EMAIL, "contact", "请填写电话号码或邮箱地址；不愿留的，可以不填。"))
    return ""


def submit_report(*, words: Words, nonce: str) -> Receipt:
    """Open the case of a report; the same `nonce` again gives the same report. Raises Rejected 422 as `begin` does."""
    code = code_from(nonce, salt=f"{_SALT}.code")
    code_hash = hashed(code, salt=_SALT)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{_SALT}:{nonce}"])
        sent = Case.objects.filter(publicreport__code_hash=code_hash, publicreport__kind=words.kind, uscc=words.uscc)
        case = sent.select_related("authority").first()
        if case is None:
            case = open_with(REPORT, replace(words, code_hash=code_hash), actor=System())
    return Receipt(case.no, grouped(code), case.authority.name, case.clock.due_on if case.clock else None)


def find_report(*, no: str, code: str) -> Case | None:
    """The report with this number and code; None for either being wrong, and nothing tells which."""
    no = no.strip().upper()
    rows = REPORT.cases().defer("publicreport__contact")
    report = rows.filter(no=no).first() if NUMBER.fullmatch(no) else None
    stored = report.body.code_hash if report is not None else ""
    return report if matches(code, stored, salt=_SALT) else None


def check_reports(caller: str) -> None:
    """Raise Rejected (429) when this network address reported too often."""
    words = "这一小时里的提交过多，这次没有办理。请一小时后再试。孩子正在受到伤害的，请立即拨打 110 或 120。"
    check_limit(Limit(f"reports:{caller}", REPORTS_AN_HOUR, HOUR), words=words, code=codes.TOO_OFTEN)


def check_looks(caller: str) -> None:
    """Raise Rejected (429) when this network address asked for results too often."""
    words = "这一小时里查看的次数过多，请一小时后再试；也可以拨打 12345 询问。"
    check_limit(Limit(f"looks:{caller}", LOOKS_AN_HOUR, HOUR), words=words, code=codes.TOO_OFTEN)


def is_nonce(text: str) -> bool:
    """Whether this can be the secret of one of our forms (`secrets.token_urlsafe(32)`)."""
    return _NONCE.fullmatch(text) is not None


def _told(data: Mapping[str, Any], field: str, label: str, found: list[Problem]) -> str:
    before = len(found)
    text = storable(field, data.get(field), label, TEXT_MAX, found)
    if len(text.strip()) < TEXT_MIN and len(found) == before:
        found.append(Problem(codes.REPORT_TEXT, field, f"请写清{label}，不少于 {TEXT_MIN} 个字。"))
    return text
