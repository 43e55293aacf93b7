"""Signatures of Standard Webhooks 1.0.0 (contract.md, Push; product.md D2): HMAC-SHA256 over `id.timestamp.body`.

On the hot path this is `hmac` itself; the `standardwebhooks` package is the oracle of the tests.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
_SHORTEST, _LONGEST = 24, 64


class SignatureRefused(Exception):
    """A request that must not be believed; `reason` is one word for logs: missing, malformed, expired, future, mismatch."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


def new_secret() -> str:
    """A fresh 256-bit secret in the form that is shown once: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The key bytes of a `whsec_` secret. Raises ValueError unless it decodes to 24–64 bytes (Standard Webhooks)."""
    encoded = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("secret is not base64") from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"secret must decode to {_SHORTEST}-{_LONGEST} bytes")
    return key


def sign(keys: Iterable[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: one `v1,<base64>` per key, the current key first, parted by blanks."""
    content = b"%s.%d.%s" % (webhook_id.encode(), timestamp, body)
    return " ".join("v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys)


def verify(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> str:
    """Check a received request and return its `webhook-id`.

    `headers` has lower-case names; `now` is Unix seconds. Any of the keys may match any `v1` part; other versions are
    skipped. Raises SignatureRefused; comparison takes constant time.
    """
    try:
        webhook_id, stamp, given = (headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError:
        raise SignatureRefused("missing") from None
    if not webhook_id or "." in webhook_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureRefused("malformed")
    age = (time.time() if now is None else now) - int(stamp)
    if age > TOLERANCE_SECONDS:
        raise SignatureRefused("expired")
    if age < -TOLERANCE_SECONDS:
        raise SignatureRefused("future")
    parts = [part.removeprefix("v1,") for part in given.split(" ") if part.startswith("v1,")]
    content = b"%s.%d.%s" % (webhook_id.encode(), int(stamp), body)
    matched = False
    for key in keys:
        expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
        for part in parts:
            matched |= hmac.compare_digest(expected.encode(), part.encode())
    if not matched:
        raise SignatureRefused("mismatch")
    return webhook_id
