"""The mails to those who follow: one to confirm, then one with everything new, never more often than there is news."""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from yancheng_childcare.crypto import DecryptionFailed
from yancheng_childcare.notifications import MAIL_TIMEOUT, TROUBLES, refused_for_good

from ..models import PublicChange, PublicSubscription
from .feeds import Followed, clean
from .subscriptions import followed_by, live, token_of

logger = structlog.get_logger("registry.register")
LINES = 30
# Numbers are given before the transaction ends: a change this young may still overtake one with a lower number.
SETTLED = timedelta(minutes=2)


def send_confirmation(*, subscription_id: int) -> bool:
    """Mail the link that confirms (or, when confirmed already, the one that leaves); whether a mail went out."""
    row = PublicSubscription.objects.filter(pk=subscription_id, ended_at__isnull=True).first()
    followed = followed_by(row) if row is not None and row.email else None
    if row is None or followed is None:
        return False
    token = token_of(row)
    context = {
        "followed": followed,
        "known": row.confirmed_at is not None,
        "hours": settings.SUBSCRIPTION_CONFIRM_HOURS,
        "confirm": _address("confirm", token),
        "leave": _address("leave", token),
    }
    body = render_to_string("registry/register/mail_confirm.txt", context)
    words = "您已经订阅" if context["known"] else "请确认订阅"
    mail = _mail(row, f"{words}：{followed.name}", body, token, get_connection(timeout=MAIL_TIMEOUT))
    return bool(mail.send())


def send_news(*, now: datetime | None = None) -> int:
    """Send each follower what is new since their last mail, at least once; returns how many mails went out.

    An address that fails is tried again in the next round and holds up nobody else. When the mail server itself fails
    `TROUBLES` times in a row the round ends: a worker must not wait for it once per follower.
    """
    ceiling = _settled((now or timezone.now()) - SETTLED)
    behind = live().filter(last_change__lt=ceiling)
    mine = (
        Q(uscc=OuterRef("uscc"))
        | Q(region=OuterRef("region"))
        | Q(town=OuterRef("region"))
        | Q(region__parent=OuterRef("region"))
    )
    news = PublicChange.objects.filter(mine, pk__gt=OuterRef("last_change"), pk__lte=ceiling)
    behind.filter(~Exists(news)).update(last_change=ceiling)
    connection = get_connection(timeout=MAIL_TIMEOUT)
    # In any order: a round that ends early must not always end at the same followers.
    waiting = list(behind.order_by("?").values_list("pk", flat=True))
    sent = troubles = 0
    for pk in waiting:
        try:
            sent += _tell(pk, ceiling, connection)
            troubles = 0
        except (OSError, DecryptionFailed) as error:  # what SMTP raises is an OSError
            logger.warning("subscription_mail_failed", subscription=pk, kind=type(error).__name__)
            about_this_one = isinstance(error, (SMTPRecipientsRefused, SMTPDataError, DecryptionFailed))
            troubles = 0 if about_this_one else troubles + 1
        if troubles == TROUBLES:
            break
    return sent


def _settled(before: datetime) -> int:
    old = PublicChange.objects.filter(occurred_at__lte=before).order_by("-id")
    return old.values_list("pk", flat=True).first() or 0


def _tell(pk: int, ceiling: int, connection: Any) -> bool:
    """One follower, one transaction: the row is locked while the mail is handed over, and marked after it."""
    with transaction.atomic():
        row = live().select_for_update(skip_locked=True).filter(pk=pk, last_change__lt=ceiling).first()
        followed = followed_by(row) if row is not None else None
        if row is None or followed is None:
            return False
        new = followed.changes().filter(pk__gt=row.last_change, pk__lte=ceiling).order_by("id")
        lines = list(new[: LINES + 1])
        more = new.count() - LINES if len(lines) > LINES else 0
        if lines:
            try:
                _send_digest(row, followed, lines[:LINES], more, connection)
            except SMTPRecipientsRefused as refusal:
                if not refused_for_good(refusal):
                    raise
                # Asking again every five minutes would get the portal's mail refused everywhere; the next news asks again.
                logger.warning("subscription_address_refused", subscription=pk)
                lines = []
        PublicSubscription.objects.filter(pk=pk).update(last_change=ceiling)
        return bool(lines)


def _send_digest(
    row: PublicSubscription, followed: Followed, lines: list[PublicChange], more: int, connection: Any
) -> None:
    token = token_of(row)
    items = [
        {
            "title": _line(change.title),
            "detail": _line(change.detail),
            "at": change.occurred_at,
            "url": f"{settings.PORTAL_URL}{reverse('public:institution', args=[change.uscc])}",
        }
        for change in lines
    ]
    context = {
        "followed": followed,
        "items": items,
        "more": more,
        "page": f"{settings.PORTAL_URL}{followed.page}",
        "leave": _address("leave", token),
    }
    body = render_to_string("registry/register/mail_news.txt", context)
    _mail(row, f"{followed.name}：{len(lines) + more} 条公开信息变更", body, token, connection).send()


def _mail(row: PublicSubscription, subject: str, body: str, token: str, connection: Any) -> EmailMessage:
    return EmailMessage(
        subject=f"【盐城托育平台】{_line(subject)}",
        body=body,
        to=[str(row.email)],
        connection=connection,
        headers={
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{_address('leave', token)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        },
    )


def _address(step: str, token: str) -> str:
    return f"{settings.PORTAL_URL}{reverse(f'public:subscription-{step}', args=[token])}"


def _line(text: str) -> str:
    """On one line: a header cannot carry more."""
    return " ".join(clean(text).split())
