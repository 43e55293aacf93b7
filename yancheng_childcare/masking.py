"""Masks for personal data: on screens, in free text and in every log line.

Forms as domain.md §13.2: ID number first 3 + 13 `*` + last 2 (our choice [A]: the birth date must be hidden), mobile
`138****1234`, name first character only. Logs: reliability.md T60. Names cannot be recognised in free text: never log
them.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

HIDDEN = "***"
_MAX_DEPTH = 8

_DATE = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_SHORT_DATE = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# \d also matches full-width digits. Quantifiers are bounded: time is linear in the text.
_ID18 = re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}(?:\d(?!\d)|[XxＸｘ])")
_ID15 = re.compile(rf"(?<!\d)\d{{6}}{_SHORT_DATE}\d{{3}}(?!\d)")
_PHONE = re.compile(r"(?<!\d)((?:\+?86|\uff0b86)[ -]?)?([1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._+-]{0,63}@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})")
# A visitor's own position in the address of a search: it is used for one answer and kept nowhere, nor in a log.
_POSITION = re.compile(r"(\bnear=)-?\d{1,3}(?:\.\d+)?(?:,|%2[Cc])-?\d{1,3}(?:\.\d+)?")
# The secret in the address of a subscription or a one-time link: whoever has it may act for the reader.
_LINK = re.compile(r"(/subscriptions/|/accounts/link/|/accounts/join/)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
_TOKEN = re.compile(r"(?i)\b(bearer\s+|basic\s+|whsec_)[A-Za-z0-9+/=_.~-]{6,}")
_PLAUSIBLE_DATE = re.compile(_DATE)
_SECRET_KEY = re.compile(
    r"(?i)(?:passw|secret|token|authorization|cookie|api_?key|private_?key|field_?keys?|^key$|sessionid|csrf"
    r"|id_?number|id_?card|identity_?no|身份证|phone|mobile|手机)"
)
_USCC_PREFIXES = {"11", "12", "13", "19", "51", "52", "53", "59", "91", "92", "93"}
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def mask_id(value: str | None) -> str:
    """ID number: first 3, stars, last 2 (domain.md §13.2). Anything under 15 characters becomes stars only; empty
    stays empty.
    """
    text = (value or "").strip()
    if len(text) < 15:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 5) + text[-2:]


def mask_phone(value: str | None) -> str:
    """Phone: `138****1234` (domain.md §13.2). Other numbers of 7 characters and more keep 3 and 2; shorter become
    stars.
    """
    text = (value or "").strip()
    digits = re.sub(r"[ -]", "", unicodedata.normalize("NFKC", text))
    mobile = re.fullmatch(r"(?:\+?86)?(1\d{10})", digits)
    if mobile:
        return mobile[1][:3] + "****" + mobile[1][-4:]
    if len(text) < 7:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 5) + text[-2:]


def mask_name(value: str | None) -> str:
    """Name: the first character and one star for each further one; a single character is hidden whole."""
    text = (value or "").strip()
    return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)


def mask_email(value: str | None) -> str:
    """E-mail address: first character, three stars, domain (`w***@example.org`), so that the owner knows it again."""
    name, _, domain = (value or "").strip().rpartition("@")
    return f"{name[:1]}***@{domain}" if name and domain else ""


def mask_text(text: str) -> str:
    """Free text with ID numbers (18 and 15 digits), mobile numbers, e-mail addresses, positions, secret links and tokens
    masked.

    A number of 18 digits that is a valid credit code (USCC, public) and holds no plausible birth date stays readable.
    What is percent-encoded (an address of a page in a log) is read too: where that holds anything to hide, the text
    comes back decoded and masked.
    """
    if not text:
        return text
    text = plain = _mask_plain(text)
    for decode in (unquote, unquote, unquote, _plus_as_blank):  # a proxy may encode once more what a browser encoded
        decoded = decode(plain)
        plain = _mask_plain(decoded) if decoded != plain else plain
        if plain != decoded:
            text = plain
    return text


def _plus_as_blank(text: str) -> str:
    return text.replace("+", " ")


def _mask_plain(text: str) -> str:
    text = _ID18.sub(_masked_id, text)
    text = _ID15.sub(lambda found: mask_id(found[0]), text)
    text = _PHONE.sub(lambda found: mask_phone(found[2]), text)
    text = _EMAIL.sub(lambda found: f"{found[1]}{HIDDEN}@{found[2]}", text)
    text = _POSITION.sub(lambda found: found[1] + HIDDEN, text)
    text = _LINK.sub(lambda found: found[1] + HIDDEN, text)
    return _TOKEN.sub(lambda found: found[1] + HIDDEN, text)


def _masked_id(found: re.Match[str]) -> str:
    plain = re.sub(r"[ -]", "", unicodedata.normalize("NFKC", found[0])).upper()
    if plain == found[0] and not _PLAUSIBLE_DATE.match(plain, 6) and _is_uscc(plain):
        return plain
    return mask_id(plain)


def _is_uscc(code: str) -> bool:
    """GB 32100-2015 check character; only the prefixes our institutions can have (domain.md §1.1)."""
    if code[:2] not in _USCC_PREFIXES:
        return False
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(code[:17], _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def mask_value(value: Any, depth: int = 0) -> Any:
    """Any log value with personal data masked, containers included; values under secret-sounding keys are hidden
    whole.
    """
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return mask_text(str(value))
    if isinstance(value, int):
        masked = mask_text(str(value))
        return value if masked == str(value) else masked
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {mask_text(k) if isinstance(k, str) else k: _under_key(k, v, depth) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [mask_value(item, depth + 1) for item in value]
        # a named tuple cannot be rebuilt from one list: it is shown as a plain tuple
        return tuple(items) if isinstance(value, tuple) else items
    shown = repr(value)
    masked = mask_text(shown)
    return value if masked == shown else masked


def _under_key(key: Any, value: Any, depth: int) -> Any:
    if isinstance(key, str) and value not in (None, "") and _SECRET_KEY.search(key):
        return HIDDEN
    return mask_value(value, depth + 1)


def mask_personal(_logger: Any, _name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: masks every value. Place it after `format_exc_info` and before the renderer, so that the
    text of tracebacks is masked too. Keys that start with `_` (structlog's own) are left alone."""
    for key in list(event_dict):
        if not key.startswith("_"):
            event_dict[key] = _under_key(key, event_dict[key], 0)
    return event_dict


class MaskingFilter(logging.Filter):
    """The same for the standard library's loggers: put it on every handler. Masks message, arguments and traceback
    text.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always lets it pass."""
        if isinstance(record.msg, Mapping):  # structlog's ProcessorFormatter carries its event dict as msg
            record.msg = mask_value(record.msg)
        else:
            try:
                record.msg, record.args = mask_text(record.getMessage()), ()
            except (TypeError, ValueError):  # message and arguments do not fit: keep both, masked
                record.msg, record.args = mask_text(f"{record.msg} {record.args!r}"), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(record.stack_info)
        return True
