"""The signed address on a receipt."""

from __future__ import annotations

import re
from typing import Any

from registry.documents.links import signature, signature_matches, verify_url

NUMBER = "320902TY20260001"


def test_the_address_is_absolute_and_signed(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example/"
    assert verify_url(NUMBER) == f"https://portal.example/verify/{NUMBER}/?s={signature(NUMBER)}"
    assert verify_url("a/../b?c#d").startswith("https://portal.example/verify/a%2F..%2Fb%3Fc%23d/?s=")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", signature(NUMBER))


def test_a_signature_belongs_to_one_number() -> None:
    good = signature(NUMBER)
    assert signature_matches(NUMBER, good)
    assert not signature_matches("320902TY20260002", good)
    for wrong in ("", good[:-1], good + "A", good.swapcase(), "签名", "\ud800", "\x00"):
        assert not signature_matches(NUMBER, wrong)
    assert not signature_matches("\ud800", good)


def test_printed_codes_survive_a_change_of_keys(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    printed = signature(NUMBER)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    assert signature(NUMBER) != printed
    assert signature_matches(NUMBER, printed) and signature_matches(NUMBER, signature(NUMBER))
    settings.SECRET_KEY_FALLBACKS = []
    assert not signature_matches(NUMBER, printed)
