"""Every message to a person: kept in the portal, mailed by a worker when the person has an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from .id_numbers import hide_id_numbers
from .models import Notification, User
from .querysets import DutyQuerySet


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


def mail_unsent(limit: int = 200) -> int:
    """Mail messages that were not mailed yet to people with a confirmed address; returns how many went out.

    A row is claimed and marked in the same transaction in which the mail is handed over, so a crash may repeat
    one mail but never drops one.
    """
    sent = 0
    with transaction.atomic():
        waiting: Any = (
            Notification.objects.select_for_update(skip_locked=True, of=("self",))
            .annotate(confirmed=confirmed_addresses("user"))
            .filter(Q(mail_to__isnull=False) | Q(read_at__isnull=True, confirmed__isnull=False), mailed_at__isnull=True)
            .select_related("user")[:limit]
        )
        connection = get_connection()
        for message in waiting:
            link = f"\n\n去处理：{settings.PORTAL_URL}{message.url}" if message.url else ""
            mail = EmailMessage(
                subject=f"【盐城托育平台】{message.title}",
                body=f"{message.user.display_name}：\n\n{message.body}{link}\n\n本邮件由平台自动发出，请勿回复。",
                to=[str(message.mail_to or message.confirmed)],
                connection=connection,
            )
            sent += mail.send()
            message.mailed_at = timezone.now()
            message.save(update_fields=["mailed_at"])
    return sent
