"""`Idempotency-Key`: the same request sent again has no second effect (product.md D5, draft-ietf-httpapi-idempotency-key-header).

The answer is stored in the transaction of the effect itself, in PostgreSQL: after a crash either both are there or
neither, and an emptied Redis changes nothing. Only successful answers are kept; a refused request may be corrected and
sent again under the same key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b, sha256
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from yancheng_childcare.crypto import blind_index
from yancheng_childcare.problems import Problem, Rejected, refuse_id_number

from .error_codes import IDEMPOTENCY_KEY_MALFORMED, IDEMPOTENCY_MISMATCH, IDEMPOTENCY_RUNNING
from .models import IdempotencyRecord

# Older answers no longer count; `exchange.tasks.purge_idempotency_records` deletes them.
KEPT = timedelta(hours=72)
_KEY = re.compile(r"[!-~]{1,128}")


def key_of(request: Any) -> str:
    """The key of a request, "" when it has none. Raises Rejected (400) for one that is no key."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not _KEY.fullmatch(key):
        words = "Idempotency-Key 应为 1 至 128 个可见 ASCII 字符，建议用 UUID。"
        raise Rejected(Problem(IDEMPOTENCY_KEY_MALFORMED, "", words), status=400)
    if refused := refuse_id_number("", key):
        raise Rejected(refused, status=400)
    return key


def fingerprint(request: Any) -> str:
    """A keyed hash of method, path and body: bodies hold personal data, which a plain hash would let one guess."""
    content = orjson.dumps([request.method, request.path, request.data], option=orjson.OPT_SORT_KEYS)
    return blind_index(sha256(content).hexdigest(), "exchange.idempotency")


def once(request: Any, act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Run `act` and return (its answer, False), or the kept answer of the same request and True.

    `act` returns JSON without clear personal data; it runs in a transaction with the record of its answer. Raises
    Rejected: 400 for a malformed key, 409 while the first request with this key is still running, 422 when the key
    was used for another content. Without a key `act` simply runs.
    """
    key = key_of(request)
    if not key:
        return act(), False
    print_of_request = fingerprint(request)
    with transaction.atomic():
        if not _take(request.user.pk, key):
            words = "同一 Idempotency-Key 的请求正在处理，请稍后用同样的密钥和内容再试。"
            raise Rejected(Problem(IDEMPOTENCY_RUNNING, "", words), status=409, title="请求正在处理")
        kept = IdempotencyRecord.objects.filter(user=request.user, key=key).first()
        if kept is not None and kept.created_at > timezone.now() - KEPT:
            if kept.request_hash != print_of_request:
                words = "这个 Idempotency-Key 已用于另一份内容。新的内容请换一个新的密钥。"
                raise Rejected(Problem(IDEMPOTENCY_MISMATCH, "", words))
            return dict(kept.body or {}), True
        if kept is not None:
            kept.delete()
        answer = act()
        IdempotencyRecord.objects.create(
            user=request.user, key=key, request_hash=print_of_request, status=201, body=answer
        )
    return answer, False


def _take(user_pk: int, key: str) -> bool:
    """The lock of this user's key until the transaction ends; False when another request holds it."""
    number = int.from_bytes(blake2b(f"{user_pk}:{key}".encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
