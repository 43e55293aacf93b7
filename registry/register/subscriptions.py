"""Following by e-mail: asked for, confirmed by the address itself, left with one click. Nobody learns who follows what.

Only the hash of a link's secret is stored. The secret itself is made again from the row and the portal's key whenever a
mail needs it, so every mail can carry the way out.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from yancheng_childcare.crypto import blind_index
from yancheng_childcare.limits import DAY, HOUR, Limit, check_limit, count
from yancheng_childcare.problems import Problem

from ..codes import register as codes
from ..models import PublicChange, PublicSubscription
from ..registration.pages.lookup import storable
from .feeds import Followed, followed_area, followed_institution

_SALT = "registry.register.subscription"


def read_email(value: object, found: list[Problem]) -> str:
    """The address as typed, without outer blanks; "" and the reason in `found` when no mail can reach it."""
    text = storable("email", value, "邮箱地址", 254, found)
    if found:
        return ""
    try:
        validate_email(text)
        text.encode("ascii")
    except (ValidationError, UnicodeEncodeError):
        found.append(Problem(codes.EMAIL, "email", "请填写能收信的邮箱地址，例如 name@example.com。"))
        return ""
    return text


def request_subscription(*, email: str, followed: Followed) -> PublicSubscription | None:
    """The row that waits for its confirmation, or that is confirmed already; None when no mail may go out now.

    The same address and target share one row. At most `SUBSCRIPTION_MAILS_A_DAY` mails for it and
    `SUBSCRIPTION_REQUESTS_A_DAY` for the address, silently: the answer must not tell who follows what.
    """
    index = _index(email)
    asked = Limit(f"subscription:mailbox:{_mailbox(email).lower()}", settings.SUBSCRIPTION_REQUESTS_A_DAY, DAY)
    if count(asked)[0].over:
        return None
    region = followed.area or None
    with transaction.atomic():
        expired = timezone.now() - timedelta(hours=settings.SUBSCRIPTION_CONFIRM_HOURS)
        same = PublicSubscription.objects.filter(
            email_index=index, target=followed.target, uscc=followed.uscc, region=region, ended_at__isnull=True
        )
        same.filter(confirmed_at__isnull=True, created_at__lt=expired).delete()
        row, made = same.get_or_create(
            email_index=index,
            target=followed.target,
            uscc=followed.uscc,
            region_id=region,
            ended_at=None,
            defaults={"email": email, "token_hash": token_hex(32)},
        )
        if made:
            row.token_hash = _hash(_token(row, settings.SECRET_KEY))
            row.save(update_fields=["token_hash"])
    if count(Limit(f"subscription:mail:{row.pk}", settings.SUBSCRIPTION_MAILS_A_DAY, DAY))[0].over:
        return None
    return row


def confirm_subscription(*, subscription: PublicSubscription) -> bool:
    """The address said yes; from now on, not backwards. Returns whether this was the first time."""
    newest = PublicChange.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    waiting = PublicSubscription.objects.filter(pk=subscription.pk, confirmed_at__isnull=True, ended_at__isnull=True)
    return bool(waiting.update(confirmed_at=timezone.now(), last_change=newest))


def leave_subscription(*, subscription: PublicSubscription) -> None:
    """Nothing more is sent and the address is erased, at once (PIPL 第15条, 第47条). Leaving twice is no error."""
    PublicSubscription.objects.filter(pk=subscription.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), email="", email_index=""
    )


def purge_unconfirmed(*, now: datetime | None = None) -> int:
    """Delete what nobody confirmed in time, address and all; returns how many."""
    limit = (now or timezone.now()) - timedelta(hours=settings.SUBSCRIPTION_CONFIRM_HOURS)
    old = PublicSubscription.objects.filter(confirmed_at__isnull=True, ended_at__isnull=True, created_at__lt=limit)
    return old.delete()[0]


def live() -> QuerySet[PublicSubscription]:
    """Confirmed and not left."""
    return PublicSubscription.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)


def find_by_token(token: str) -> PublicSubscription | None:
    """The subscription of a link; None when there is none or its time to confirm is over. One query."""
    row = PublicSubscription.objects.filter(token_hash=_hash(token)).first()
    if row is None or row.ended_at or row.confirmed_at:
        return row
    late = timezone.now() - row.created_at > timedelta(hours=settings.SUBSCRIPTION_CONFIRM_HOURS)
    return None if late else row


def token_of(row: PublicSubscription) -> str:
    """The secret of its links, also after the portal's key was changed (`SECRET_KEY_FALLBACKS`).

    When its key is gone altogether the row gets a new secret: links in older mails end.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(row, key)
        if constant_time_compare(_hash(token), row.token_hash):
            return token
    token = _token(row, settings.SECRET_KEY)
    row.token_hash = _hash(token)
    row.save(update_fields=["token_hash"])
    return token


def followed_by(row: PublicSubscription) -> Followed | None:
    """What it follows; None when that is gone from the reference data."""
    return followed_institution(row.uscc) if row.uscc else followed_area(row.region_id or "")


def check_caller(caller: str) -> None:
    """Raise Rejected (429) when this network address asked too often."""
    words = "这一小时里的订阅申请过多，这次没有提交。请一小时后再试，或改用 Atom 订阅源，不用填写邮箱。"
    limit = Limit(f"subscriptions:{caller}", settings.SUBSCRIPTION_REQUESTS_AN_HOUR, HOUR)
    check_limit(limit, words=words, code=codes.TOO_OFTEN)


def _index(email: str) -> str:
    # In hexadecimal: the index leaves hyphens out, and a-b@ is somebody else than ab@.
    return blind_index(email.lower().encode().hex(), "email")


def _mailbox(email: str) -> str:
    """Where it arrives: what stands behind a + is the reader's own note, not another person."""
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _token(row: PublicSubscription, key: str) -> str:
    text = f"{row.pk}:{row.created_at.astimezone(UTC).isoformat()}"
    digest = salted_hmac(_SALT, text, secret=key, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
