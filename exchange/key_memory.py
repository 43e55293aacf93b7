"""Keys that were good a moment ago, with their person and duties: a caller asks many times, the rights seldom change.

Every call still asks the database one thing: the mark of the rows the rights rest on (the key, its person, each of the
person's duties), by their versions in PostgreSQL. Any change of one of them, whoever made it and by whatever way, gives
another mark, so that a revoked key, a stopped account and an ended duty are refused at the next call. What time alone
changes is looked at here: a day begins, a key or its predecessor runs out.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from yancheng_childcare.models import Duty, User

from .models import ApiClient

# Seconds; names and areas of departments and regions are no part of the mark.
LONGEST = 60.0
MOST = 1_000
# A row's version is its transaction and its place: within one transaction only the place changes.
_MARK = """
SELECT array_to_string(ARRAY[c.xmin::text, c.ctid::text, u.xmin::text, u.ctid::text], ' '),
  (SELECT string_agg(d.xmin::text || d.ctid::text, ' ' ORDER BY d.id) FROM "yancheng_childcare_duty" d WHERE d.user_id = u.id)
FROM "exchange_apiclient" c JOIN "yancheng_childcare_user" u ON u.id = c.user_id
WHERE c.key_hash = %s OR c.previous_hash = %s
"""
Mark = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class _Known:
    mark: Mark
    client: ApiClient
    duties: list[Duty]
    day: date
    good_until: datetime
    forget_at: float  # of the monotonic clock


_known: dict[str, _Known] = {}


def client_of(digest: str) -> ApiClient | None:
    """The client in force whose key (or, for a while after a rotation, former key) has this hash; its user with duties.

    One statement where the key is remembered, three where it is not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [digest, digest])
        mark: Mark | None = cursor.fetchone()
    if mark is None:
        return None
    known, now = _known.get(digest), timezone.now()
    if (
        known is None
        or known.mark != mark
        or known.day != timezone.localdate(now)
        or known.good_until <= now
        or known.forget_at <= time.monotonic()
    ):
        _known.pop(digest, None)
        known = _look_up(digest, mark, now)
    return None if known is None else _fresh(known)


def _look_up(digest: str, mark: Mark, now: datetime) -> _Known | None:
    """`mark` was read before: what changes from here on is seen at the next call."""
    former = Q(previous_hash=digest, previous_until__gt=now)
    client = ApiClient.objects.in_force().select_related("user").filter(Q(key_hash=digest) | former).first()
    if client is None:
        return None
    until = client.expires_at
    if client.key_hash != digest and client.previous_until is not None:
        until = min(until, client.previous_until)
    known = _Known(
        mark, client, client.user.active_duties, timezone.localdate(now), until, time.monotonic() + LONGEST
    )  # fmt: skip
    if len(_known) >= MOST:
        _known.clear()
    _known[digest] = known
    return known


def _fresh(known: _Known) -> ApiClient:
    """Objects of this call alone: what a call changes in them is nobody else's."""
    client, user = copy(known.client), copy(known.client.user)
    assert isinstance(user, User)  # noqa: S101  # the model of AUTH_USER_MODEL
    user.active_duties = list(known.duties)
    client.user = user
    return client
