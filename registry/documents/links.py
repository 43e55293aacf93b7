"""The signed address behind the QR code of a receipt.

The signature only shows that the address came from this portal: it stops guessing through numbers, it is no secret
and no seal. What counts is the live page behind it (product.md C4).
"""

from __future__ import annotations

import base64
from urllib.parse import quote

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "registry.documents.links"
#: 128 bits of HMAC-SHA256: 22 characters, and the QR code stays coarse enough for a bad print.
SIGNATURE_BYTES = 16


def verify_url(receipt_no: str) -> str:
    """The absolute address that a receipt's QR code holds: `PORTAL_URL/verify/<no>/?s=<signature>`."""
    return f"{settings.PORTAL_URL.rstrip('/')}/verify/{quote(receipt_no, safe='')}/?s={signature(receipt_no)}"


def signature(receipt_no: str) -> str:
    """22 characters of `A-Z a-z 0-9 - _` that belong to this number, by a key derived from `SECRET_KEY`."""
    return _sign(receipt_no, settings.SECRET_KEY)


def signature_matches(receipt_no: str, given: str) -> bool:
    """Whether a signature belongs to the number, under the current key or one of `SECRET_KEY_FALLBACKS`.

    Constant time in the signature. Anything that is no signature at all (empty, other letters) is simply False.
    """
    keys: list[str] = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    # Every key is tried, whichever matches, so that the time tells nothing about the key's age.
    found = [constant_time_compare(_sign(receipt_no, key).encode(), _bytes(given)) for key in keys]
    return any(found)


def _sign(receipt_no: str, secret: str) -> str:
    digest = salted_hmac(SALT, _bytes(receipt_no), secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:SIGNATURE_BYTES]).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Any text from an address, lone surrogates included, as bytes."""
    return text.encode(errors="surrogatepass")
