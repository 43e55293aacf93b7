"""Identity numbers inside text: found however they are written, and nothing else taken for one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from registry.rules.identity import make_id_number
from registry.rules.uscc import make_uscc
from yancheng_childcare.id_numbers import find_id_numbers, hide_id_numbers, hide_in, holds_id_number
from yancheng_childcare.notifications import notify
from yancheng_childcare.problems import Problem, refuse_id_numbers
from yancheng_childcare.records import log_event

NUMBER = make_id_number("320902", date(1985, 1, 1), 23)
WITH_X = next(n for n in (make_id_number("320902", date(1990, 5, 6), s) for s in range(1000)) if n.endswith("X"))
FULL_WIDTH = NUMBER.translate({48 + i: 0xFF10 + i for i in range(10)})
WRITTEN = [
    NUMBER,
    WITH_X,
    WITH_X.lower(),
    FULL_WIDTH,
    f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
    f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
    f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:12]} {NUMBER[12:16]} {NUMBER[16:]}",
    ".".join(NUMBER),
    f"{NUMBER[:9]}\u200b{NUMBER[9:]}",
]


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("around", ["{}", "身份证{}，请核对", "电话 13812341234 {}", "ID{}号", "{} 1"])
def test_a_number_is_found_however_it_is_written(text: str, around: str) -> None:
    whole = around.format(text)
    assert holds_id_number(whole)
    hidden = hide_id_numbers(whole)
    assert not holds_id_number(hidden)
    assert "19850101" not in hidden.replace(" ", "").replace("-", "")


def test_two_numbers_are_both_hidden() -> None:
    text = f"{NUMBER}和{WITH_X}"
    assert len(list(find_id_numbers(text))) == 2
    assert hide_id_numbers(text) == f"{NUMBER[:3]}{'*' * 13}{NUMBER[-2:]}和{WITH_X[:3]}{'*' * 13}{WITH_X[-2:]}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "13812341234",
        "2026-11-30 至 2027-11-29",
        "YC-TB-2026-000123",
        NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1"),  # wrong check digit
        make_id_number("320902", date(1985, 1, 1), 23)[:10] + "1331" + NUMBER[14:],  # no such day
        f"1{NUMBER}",  # nineteen digits
        make_uscc("91", "320902", 7),
        "1234567890" * 40,
    ],
)
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert not holds_id_number(text)
    assert hide_id_numbers(text) == text


def test_a_long_text_of_digits_takes_linear_time() -> None:
    from time import process_time

    def seconds(length: int) -> float:
        begin = process_time()
        for text in ("1 " * length, "3209021985" * (length // 5), "1" * length):
            holds_id_number(text)
        return process_time() - begin

    seconds(1_000)
    assert seconds(80_000) < 40 * max(seconds(8_000), 0.001)


def test_no_problem_repeats_a_number() -> None:
    problem = Problem("X-1", f"field {NUMBER}", f"与“{NUMBER}”不一致")
    assert NUMBER not in f"{problem.field}{problem.message}"


def test_every_text_of_a_steps_data_is_looked_at() -> None:
    data = {"items": [{"finding": f"见 {NUMBER}"}], "plan": {"placement": NUMBER}, "reason": NUMBER, "id_no": NUMBER}
    assert {problem.field for problem in refuse_id_numbers(data)} == {"finding", "placement", "reason"}
    assert hide_in({"a": [NUMBER], NUMBER: 1, "n": 5}) == {
        "a": [hide_id_numbers(NUMBER)],
        hide_id_numbers(NUMBER): 1,
        "n": 5,
    }


def test_an_act_and_a_message_keep_no_number(cast: dict[str, Any]) -> None:
    """Neither can be corrected afterwards."""
    act = log_event("test.act", subject="test:1", summary=f"见 {NUMBER}", data={"words": [f"见 {NUMBER}"]})
    act.refresh_from_db()
    assert not holds_id_number(f"{act.summary}{act.data}")
    person = cast["auditor_city"]
    notify([person], title=f"见 {NUMBER}", body=f"见 {NUMBER}")
    message = person.notifications.latest("pk")
    assert not holds_id_number(f"{message.title}{message.body}")
