"""Reports of the public: an error on a page, or a place that takes children and is not on the register.

Nobody needs an account. The answer is asked for with number and code; only the code's hash is stored. The code is made
from the form's own secret, so that the same form sent twice is one report and shows the same code both times.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import connection, transaction
from django.urls import reverse

from yancheng_childcare.choices import ClockKind, Role
from yancheng_childcare.deadlines import new_deadline, start_deadlines, today_here
from yancheng_childcare.limits import HOUR, Limit, check_limit
from yancheng_childcare.masking import mask_phone
from yancheng_childcare.models import Deadline, Department
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.numbers import next_number
from yancheng_childcare.places import places
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.secret_codes import code_from, grouped, hashed, matches
from yancheng_childcare.workdays import by_day

from ..choices import ReportKind
from ..codes import register as codes
from ..models import Institution, PublicReport
from ..registration.pages.lookup import storable
from .blocks import TITLES

logger = structlog.get_logger("registry")
CLOCK = "DL-REPORT"
STAFF = (Role.REGISTRAR, Role.REVIEWER, Role.CHIEF)
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


def is_email(text: str) -> bool:
    """Whether mail can be sent there."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii()


def owner_of(*, uscc: str, block: str, region: str, name: str = "") -> tuple[Department, str, str]:
    """(who answers, region code, institution name). Registration: its registration authority; else the health department.

    The institution is looked up unless region and name are both known: one query, else two.

    The filing authority is the county health department (方案 三(三)1), which also looks into what is not filed at all
    (domain.md §8.2). Raises Rejected 422 when the institution or its county has none.
    """
    if uscc and (block == "registration" or not (region and name)):
        institution = Institution.objects.select_related("registry_org__region").filter(uscc=uscc).first()
        if institution is None:
            raise Rejected(Problem(codes.REPORT_PLACE, "", "没有查到这个代码的机构。"))
        region, name = institution.region_id, institution.name
        if block == "registration":
            return institution.registry_org, region, name
    owner = Department.objects.select_related("region").filter(kind="HEALTH", region_id=region).first()
    if owner is None:
        raise Rejected(Problem(codes.REPORT_PLACE, "region", "这个地区还没有承办单位，请选择所在的县（市、区）。"))
    return owner, region, name


def submit_report(*, words: Words, nonce: str) -> Receipt:
    """Keep a report with number, clock, act and word to the owner; the same `nonce` again gives the same report.

    The clock: `PUBLIC_REPORT_WORKDAYS` working days, the day of the report not counted (product.md H [A]).
    """
    code = code_from(nonce, salt=f"{_SALT}.code")
    owner, region, name = owner_of(uscc=words.uscc, block=words.block, region=words.region, name=words.name)
    today = today_here()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{_SALT}:{nonce}"])
        code_hash = hashed(code, salt=_SALT)
        # Without the owner: it may have been passed on meanwhile.
        sent = PublicReport.objects.filter(region_id=region, kind=words.kind, uscc=words.uscc, code_hash=code_hash)
        same = sent.select_related("owner").only("no", "owner__name").first()
        if same is not None:
            return Receipt(same.no, grouped(code), same.owner.name, due_of(same))
        report = PublicReport.objects.create(
            no=f"YC-BC-{today.year}-{next_number(f'report:{today.year}'):06d}",
            kind=words.kind,
            uscc=words.uscc,
            institution_name=name,
            place=words.place,
            block=words.block,
            text=words.text,
            region_id=region,
            owner=owner,
            contact=words.contact,
            code_hash=code_hash,
        )
        clock = new_deadline(
            subject=report.subject,
            code=CLOCK,
            label="答复公众报错",
            source="本平台的承诺（不是法定期限）",
            region=owner.region,
            days=settings.PUBLIC_REPORT_WORKDAYS,
            today=today,
            kind=ClockKind.WORKDAYS.value,
        )
        start_deadlines(clock)
        log_event(
            "public_report.submitted",
            subject=report.subject,
            summary=f"收到公众报错 {report.no}（{report.get_kind_display()}），由{owner.name}承办",
            region_prefix=owner.region.prefix,
            data={"kind": report.kind, "uscc": report.uscc, "block": report.block, "owner": owner.code},
        )
        tell_owner(
            report, title="收到公众报错", body=f"{report.no} 由{owner.name}承办，请于{by_day(clock.due_on)}答复。"
        )
    return Receipt(report.no, grouped(code), owner.name, clock.due_on)


def tell_owner(report: PublicReport, *, title: str, body: str) -> None:
    """Leave a message for the owner's staff, with the way to the report."""
    url = reverse("public:report", args=[report.no])
    notify(holders(*STAFF, department=report.owner_id), title=title, body=body, url=url)


def find_report(*, no: str, code: str) -> PublicReport | None:
    """The report with this number and code; None for either being wrong, and nothing tells which."""
    no = no.strip().upper()
    report = PublicReport.objects.select_related("owner").defer("contact").filter(no=no).first() if _is_no(no) else None
    stored = report.code_hash if report is not None else ""
    return report if matches(code, stored, salt=_SALT) else None


def due_of(report: PublicReport) -> date | None:
    """The day until which it is answered."""
    return Deadline.objects.of(report.subject).filter(code=CLOCK).values_list("due_on", flat=True).first()


def check_reports(caller: str) -> None:
    """Raise Rejected (429) when this network address reported too often."""
    words = "这一小时里的提交过多，这次没有办理。请一小时后再试。孩子正在受到伤害的，请立即拨打 110 或 120。"
    check_limit(Limit(f"reports:{caller}", REPORTS_AN_HOUR, HOUR), words=words, code=codes.TOO_OFTEN)


def check_looks(caller: str) -> None:
    """Raise Rejected (429) when this network address asked for results too often."""
    words = "这一小时里查看的次数过多，请一小时后再试；也可以拨打 12345 询问。"
    check_limit(Limit(f"looks:{caller}", LOOKS_AN_HOUR, HOUR), words=words, code=codes.TOO_OFTEN)


def masked_contact(contact: str) -> str:
    """What shows that there is a contact and of which kind, without giving it."""
    local, at, domain = contact.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}" if at else mask_phone(contact)


def mail_answer(no: str) -> bool:
    """Mail the answer to the reporter who left an e-mail address; whether one went out. SMTP faults are raised."""
    report = PublicReport.objects.select_related("owner").filter(no=no).first()
    if report is None or not report.answer or not is_email(report.contact):
        return False
    where = f"{settings.PORTAL_URL}{reverse('public:report-track')}"
    body = (
        f"您反映的问题（编号 {report.no}）已由{report.owner.name}答复。\n\n结果：{report.get_outcome_display()}\n\n"
        f"{report.answer}\n\n凭编号和查询码可以随时查看：{where}\n\n本邮件由平台自动发出，请勿回复。"
    )
    try:
        mail = EmailMessage(
            subject=f"【盐城托育平台】{report.no} 已答复",
            body=body,
            to=[report.contact],
            headers={"Auto-Submitted": "auto-generated"},
        )
        return bool(mail.send())
    except (SMTPException, OSError) as fault:
        logger.warning("report_answer_not_mailed", no=report.no, fault=type(fault).__name__)
        raise


def is_nonce(text: str) -> bool:
    """Whether this can be the secret of one of our forms (`secrets.token_urlsafe(32)`)."""
    return _NONCE.fullmatch(text) is not None


def _told(data: Mapping[str, Any], field: str, label: str, found: list[Problem]) -> str:
    before = len(found)
    text = storable(field, data.get(field), label, TEXT_MAX, found)
    if len(text.strip()) < TEXT_MIN and len(found) == before:
        found.append(Problem(codes.REPORT_TEXT, field, f"请写清{label}，不少于 {TEXT_MIN} 个字。"))
    return text


def _is_no(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None
