"""Masks on screen and in logs; canaries must not survive."""

from __future__ import annotations

import io
import json
import logging
import time
import unicodedata
from collections import namedtuple
from itertools import product
from typing import Any
from urllib.parse import unquote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from yancheng_childcare.masking import MaskingFilter, mask_id, mask_name, mask_personal, mask_phone, mask_text

ID, PHONE = "11010519491231002X", "13812341234"
USCC = "91320902MA1WFFU04C"
CANARIES = (ID, ID.lower(), PHONE, "19491231", "1234100")


def test_forms_of_the_dossier() -> None:
    assert mask_id(ID) == "110*************2X"
    assert mask_phone(PHONE) == "138****1234"
    assert mask_phone("+86 138-1234-1234") == "138****1234"
    assert mask_name("张三") == "张*"
    assert mask_name("欧阳小明") == "欧***"


def test_odd_lengths_show_nothing_much() -> None:
    assert mask_id("110105491231002") == "110**********02"
    assert mask_id("G1234567") == "********"
    assert mask_phone("051588881234") == "051*******34"
    assert mask_phone("12345") == "*****"
    assert mask_name("张") == "*"
    assert [mask_id(""), mask_phone(None), mask_name(" ")] == ["", "", ""]


BEFORE = ("", "%20", "+", "%2B", "%E5%BC%A0", "%2520", "%09", "%0A", "a%3D", "%20%20", "86%20")


@pytest.mark.parametrize(
    "value",
    [
        PHONE, ID, "110105491231002", "138%201234%201234", "138+1234+1234", "138%2D1234%2D1234", "%2B86%2013812341234",
        "%31%33%38%31%32%33%34%31%32%33%34", "%EF%BC%91%EF%BC%93%EF%BC%98%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94123%EF%BC%94",
        "somebody%40example.cn", "somebody@example.cn", "some.body+note%40mail.example.cn", "somebody%2540example.cn",
    ],
)  # fmt: skip
def test_what_stands_encoded_in_an_address_is_masked(value: str) -> None:
    """operations.md 19: `?q=%2013812345678` stood in the log in clear."""
    for before, after in product(BEFORE, ("", "%20", "&page=2", "%E5%B7%B2")):
        masked = mask_text(f"GET /institutions/?q={before}{value}{after}")
        for _ in range(3):
            masked = unquote_plus(masked)
        folded = unicodedata.normalize("NFKC", masked).replace(" ", "").replace("-", "")
        assert masked.startswith("GET /institutions/?q=") and "*" in masked
        assert not [c for c in (PHONE, ID, "491231", "19491231", "somebody", "some.body") if c in folded], masked


@pytest.mark.parametrize(
    "text",
    [
        "GET /institutions/?q=%E5%90%91%E9%98%B3+%E6%89%98%E8%82%B2&page=2",
        "100% of 5+5",
        "%s %d %zz %",
        "a@b",
        "x @ y.cn",
    ],
)
def test_an_address_with_nothing_to_hide_stays_as_it_was_sent(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"身份证{ID}，电话{PHONE}。",
        f"id={ID.lower()}&phone={PHONE}",
        "110105 19491231 002X 与 138 1234 1234",
        "110105-19491231-002x / 138-1234-1234",
        f"tel{PHONE}end",
        f"+86{PHONE}",
        f"{ID}{PHONE}",
        "１１０１０５１９４９１２３１００２Ｘ １３８１２３４１２３４",
        "110105491231002",
        '{"id_no": "320902199913450012"}',  # impossible date: still somebody's number, mistyped
    ],
)
def test_free_text(text: str) -> None:
    masked = mask_text(text)
    folded = masked.replace(" ", "").replace("-", "")
    assert "*" in masked
    for canary in (*CANARIES, "１２３１", "320902199913450012", "491231"):
        assert canary not in folded


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T17:30:00+08:00", "1763900000000", "1763900000000000000", "编号 20261123-000123", "端口 8000", ""],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask_text(text) == text


def test_a_valid_credit_code_stays_readable() -> None:
    assert mask_text(f"机构 {USCC} 已登记") == f"机构 {USCC} 已登记"
    digits = "12320902466012345"  # a credit code can be digits only: its check character decides
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    check = "0123456789ABCDEFGHJKLMNPQRTUWXY"[
        (31 - sum(int(c) * w for c, w in zip(digits, weights, strict=True)) % 31) % 31
    ]
    assert mask_text(digits + check) == digits + check
    assert "*" in mask_text(digits + ("1" if check != "1" else "2"))


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)


@pytest.mark.parametrize("piece", ["1", "1 ", "13", "-", "86", "110105", "bearer ", "１", "+86-"])
def test_hostile_text_is_quick(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    started = time.perf_counter()
    mask_text(text)
    assert time.perf_counter() - started < 2.5  # 50 ms on an idle machine


def test_processor_masks_at_every_depth() -> None:
    Point = namedtuple("Point", "who phone")

    class Thing:
        def __repr__(self) -> str:
            return f"<Thing {PHONE}>"

    event: dict[str, Any] = {
        "event": f"saved {ID}",
        "count": 3,
        "phone_as_int": int(PHONE),
        "deep": {"list": [{"a": (PHONE, [ID])}], PHONE: 1},
        "point": Point("甲", PHONE),
        "thing": Thing(),
        "raw": PHONE.encode(),
        "password": "hunter2-canary",
        "headers": {"Authorization": "Bearer abcdefgh-canary", "Accept": "*/*"},
        "note": "Bearer abcdefgh12345-canary, whsec_MfKQ9r8GKYqrTwjU",
        "_record": ID,
    }
    masked = dict(mask_personal(None, "info", event))
    assert masked.pop("_record") == ID  # structlog's own
    shown = json.dumps(masked, ensure_ascii=False, default=repr)
    for canary in (*CANARIES, "canary", "MfKQ9r8GKYqrTwjU"):
        assert canary not in shown
    assert masked["count"] == 3
    assert masked["headers"]["Accept"] == "*/*"


def test_endless_structures_end() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    assert "…" in repr(mask_personal(None, "info", {"loop": loop}))


def _log(msg: Any, *args: Any, exc: bool = False) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(MaskingFilter())
    logger = logging.Logger("canary")
    logger.addHandler(handler)
    if not exc:
        logger.info(msg, *args)
        return out.getvalue()
    try:
        raise ValueError(f"bad id {ID}")
    except ValueError:
        logger.exception(msg, *args, stack_info=True)
    return out.getvalue()


@pytest.mark.parametrize(
    "written",
    [
        lambda: _log("who %s tel %s", ID, PHONE),
        lambda: _log("who %(id)s", {"id": ID}),
        lambda: _log(f"failed {PHONE}", exc=True),
        lambda: _log("too few %s %s", ID),
        lambda: _log({"event": f"x {ID}", "deep": [PHONE]}),
    ],
)
def test_standard_logging(written: Any) -> None:
    text = written()
    assert "*" in text
    for canary in CANARIES:
        assert canary not in text


def test_traceback_through_structlog() -> None:
    out = io.StringIO()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(out),
        processors=[structlog.processors.format_exc_info, mask_personal, structlog.processors.JSONRenderer()],
    )
    try:
        raise RuntimeError(f"cannot call {PHONE}")
    except RuntimeError:
        logger.exception("broken", who=ID)
    assert "138****1234" in out.getvalue()
    assert not any(canary in out.getvalue() for canary in CANARIES)


@pytest.mark.parametrize("step", ["confirm", "leave"])
def test_the_secret_of_a_subscription_link_is_not_logged(step: str) -> None:
    token = "d24LKIendrdFFtNUW75HJPFt9D4M3F12euTaG4fB-_o"
    masked = mask_text(f"POST https://example.gov.cn/subscriptions/{token}/{step}/")
    assert masked == f"POST https://example.gov.cn/subscriptions/***/{step}/"
    assert (
        mask_text("GET /subscriptions/new/?uscc=91320902MA1X000A0R")
        == "GET /subscriptions/new/?uscc=91320902MA1X000A0R"
    )
