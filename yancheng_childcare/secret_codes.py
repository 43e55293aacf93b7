"""Codes that people write down or read out aloud: made once, kept only as a keyed hash."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from .crypto import normalise

# Without 0, O, 1, I and L. 31 signs: 8 of them hold 39 bits, 12 hold 59.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code(length: int) -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def code_from(nonce: str, *, salt: str, length: int = 8) -> str:
    """The code that belongs to a form's own secret: the same form sent twice shows the same code."""
    number = int.from_bytes(salted_hmac(salt, nonce, algorithm="sha256").digest())
    signs = ""
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        signs += ALPHABET[rest]
    return signs


def grouped(code: str) -> str:
    """Four by four, as it is read out."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def hashed(code: str, *, salt: str, key: str = "") -> str:
    """What is kept of a code: HMAC-SHA-256 (64 hex digits) under `SECRET_KEY`."""
    return salted_hmac(salt, normalise(code), secret=key or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def matches(code: str, stored: str, *, salt: str) -> bool:
    """Whether this is the code behind a hash, also under a former key; the same work whatever is stored."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    found = [constant_time_compare(hashed(code, salt=salt, key=key), stored) for key in keys]
    return any(found)
