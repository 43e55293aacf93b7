"""The answer of a report by mail."""

from __future__ import annotations

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.urls import reverse

from ..choices import ReportOutcome
from ..models import PublicReport

logger = structlog.get_logger("registry")


def is_email(text: str) -> bool:
    """Whether mail can be sent there."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii()


def mail_answer(no: str) -> bool:
    """Mail the answer to the reporter who left an e-mail address; whether one went out. SMTP faults are raised."""
    report = PublicReport.objects.select_related("case__authority").filter(case__no=no).first()
    if report is None or not report.answer or not is_email(report.contact):
        return False
    where = f"{settings.PORTAL_URL}{reverse('public:report-track')}"
    body = (
        f"您反映的问题（编号 {no}）已由{report.case.authority.name}答复。\n\n"
        f"结果：{ReportOutcome(report.case.result).label}\n\n{report.answer}\n\n"
        f"凭编号和查询码可以随时查看：{where}\n\n本邮件由平台自动发出，请勿回复。"
    )
    try:
        mail = EmailMessage(
            subject=f"【盐城托育平台】{no} 已答复",
            body=body,
            to=[report.contact],
            headers={"Auto-Submitted": "auto-generated"},
        )
        return bool(mail.send())
    except (SMTPException, OSError) as fault:
        logger.warning("report_answer_not_mailed", no=no, fault=type(fault).__name__)
        raise
