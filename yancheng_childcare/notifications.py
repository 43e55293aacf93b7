"""Every message to a person: kept in the portal, mailed by a worker when the person has an address."""

from __future__ import annotations

from collections.abc import Iterable
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from .crypto import DecryptionFailed
from .id_numbers import hide_id_numbers
from .models import Notification, User
from .querysets import DutyQuerySet

logger = structlog.get_logger("portal.mail")
TROUBLES = 3
MAIL_TIMEOUT = 10  # seconds per mail, below the database's limit for a waiting transaction


def notify(users: Iterable[User], *, title: str, body: str, url: str = "", mail_to: str = "") -> int:
    """Leave a message for each user; returns how many. `url` is a path of this portal.

    It is mailed to the person's confirmed address unless it was read before. `mail_to` is for notices about the account
    itself: mailed to that address in any case.
    """
    words = {"title": hide_id_numbers(title)[:120], "body": hide_id_numbers(body)[:2000]}
    rows = [
        Notification(user=user, **words, url=url, mail_to=mail_to or None) for user in {u.pk: u for u in users}.values()
    ]
    Notification.objects.bulk_create(rows)
    return len(rows)


def settle(users: Iterable[User], *urls: str) -> int:
    """What these people were told about the matter at (or below) these addresses is done: their messages count as read."""
    about = Q(pk__in=[])
    for url in urls:
        about |= Q(url__startswith=url)
    waiting = Notification.objects.filter(about, user__in=[user.pk for user in users], read_at__isnull=True)
    return waiting.update(read_at=timezone.now())


def holders(*roles: str, region_prefix: str = "", department: str = "", uscc: str = "") -> list[User]:
    """The active users with one of these roles in force for a region, department or institution."""
    from .models import Duty

    duties: DutyQuerySet = Duty.objects.in_force().filter(role__in=roles, user__is_active=True)
    if department:
        duties = duties.filter(department=department)
    if uscc:
        duties = duties.filter(uscc=uscc)
    found = duties.select_related("user", "region")
    return [d.user for d in found if not region_prefix or d.region is None or region_prefix.startswith(d.region.prefix)]


def confirmed_addresses(user_path: str) -> Subquery:
    """The address the person at `user_path` confirmed, or NULL: nothing else gets mail (security.md H7)."""
    rows = EmailAddress.objects.filter(user=OuterRef(user_path), verified=True).order_by("-primary", "pk")
    return Subquery(rows.values("email")[:1])


def mail_unsent() -> int:
    """Mail messages that were not mailed yet to people with a confirmed address; returns how many went out.

    Each is claimed and marked in the transaction in which it is handed over, so a crash may repeat one mail but never
    drops one; one that fails is tried again in the next round and repeats no other. When the mail server itself fails
    `TROUBLES` times in a row the round ends.
    """
    connection = get_connection(timeout=MAIL_TIMEOUT)
    sent = troubles = 0
    for pk in list(_unsent().order_by("pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                sent += _mail(pk, connection)
            troubles = 0
        except (OSError, DecryptionFailed) as error:  # what SMTP raises is an OSError
            logger.warning("mail_failed", message=pk, kind=type(error).__name__)
            about_this_one = isinstance(error, (SMTPRecipientsRefused, SMTPDataError, DecryptionFailed))
            troubles = 0 if about_this_one else troubles + 1
        if troubles == TROUBLES:
            break
    return sent


def refused_for_good(refusal: SMTPRecipientsRefused) -> bool:
    """Whether the mail server will never take mail for this address (RFC 5321 §4.2.1: 5yz)."""
    answers = [code for code, _ in refusal.recipients.values()]
    return bool(answers) and min(answers) >= 500


def _unsent() -> Any:
    rows = Notification.objects.annotate(confirmed=confirmed_addresses("user"))
    wanted = Q(mail_to__isnull=False) | Q(read_at__isnull=True, confirmed__isnull=False)
    return rows.filter(wanted, mailed_at__isnull=True)


def _mail(pk: int, connection: Any) -> int:
    rows = _unsent().select_for_update(skip_locked=True, of=("self",)).select_related("user")
    message = rows.filter(pk=pk).first()
    if message is None:  # another round has it, or it was read meanwhile
        return 0
    link = f"\n\n去处理：{settings.PORTAL_URL}{message.url}" if message.url else ""
    mail = EmailMessage(
        subject=f"【盐城托育平台】{message.title}",
        body=f"{message.user.display_name}：\n\n{message.body}{link}\n\n本邮件由平台自动发出，请勿回复。",
        to=[str(message.mail_to or message.confirmed)],
        connection=connection,
    )
    sent = 0
    try:
        sent = mail.send()
    except SMTPRecipientsRefused as refusal:
        if not refused_for_good(refusal):
            raise
        # Asking again every minute would get the portal's mail refused everywhere; the message stands in the portal.
        logger.warning("mail_address_refused", message=pk)
    message.mailed_at = timezone.now()
    message.save(update_fields=["mailed_at"])
    return sent
