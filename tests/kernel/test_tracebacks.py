"""A fault can be found in the log by file and line, and the log names no person (operations.md 7)."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import shared_task
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import path
from django_structlog.celery.receivers import CeleryReceiver

from yancheng_childcare import urls
from yancheng_childcare.tracebacks import scrub
from yancheng_childcare.urls import *  # noqa: F403 - the error pages of the project

ID, PHONE, NAME, MAIL = "11010519491231002X", "13812341234", "欧阳小明", "xiaoming@example.cn"
CANARIES = (ID, PHONE, NAME, "小明", MAIL, "19491231", "hidden-in-a-variable")
HERE = Path(__file__).name


def fail() -> None:
    """Raise the way faults do: people in the message, in variables, and in what the database quotes."""
    secret = {"name": NAME, "note": "hidden-in-a-variable"}
    try:
        raise IntegrityError(f"duplicate key\nDETAIL:  Key (name, id_no)=({NAME}, {ID}) already exists.")
    except IntegrityError as error:
        raise ValueError(f"cannot save {NAME} {ID} {PHONE} {MAIL} of {len(secret)}") from error


def broken(request: Any) -> None:
    """A view with a fault."""
    fail()


urlpatterns = [path("about/", broken, name="about"), *urls.urlpatterns]


@shared_task
def broken_task() -> None:
    """A task with a fault."""
    fail()


@contextmanager
def log() -> Iterator[io.StringIO]:
    """What the handler of the settings writes."""
    handlers = [h for h in logging.getLogger().handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter)]
    (console,) = (h for h in handlers if isinstance(h, logging.StreamHandler))
    out = io.StringIO()
    before = console.setStream(out)
    try:
        yield out
    finally:
        console.setStream(before)


def judge(text: str, function: str) -> list[dict[str, Any]]:
    """The lines; exactly one of them holds the exception, with file and line, its cause, and nobody's data."""
    lines = [json.loads(line) for line in text.splitlines()]
    told = [line for line in lines if isinstance(line.get("exception"), list)]
    assert len(told) == 1, text
    value, cause = told[0]["exception"]
    assert (value["type"], cause["type"]) == ("ValueError", "IntegrityError")
    assert re.search(rf"{HERE}:\d+ {function}\n.*{HERE}:\d+ fail$", "\n".join(value["frames"]), re.S)
    assert "cannot save" in value["text"] and cause["text"] == "duplicate key"
    for canary in CANARIES:
        assert canary not in text
    assert sum("cannot save" in line for line in text.splitlines()) == 1 and "object at 0x" not in text
    return lines


@pytest.mark.django_db
def test_a_fault_in_a_view_is_found_by_file_and_line(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    with log() as out:
        answer = Client(raise_request_exception=False).get("/about/")
    assert answer.status_code == 500
    judge(out.getvalue(), "broken")


@pytest.mark.parametrize("with_receivers", [False, True])
def test_a_fault_in_a_task_is_found_by_file_and_line(with_receivers: bool) -> None:
    receiver = CeleryReceiver()
    if with_receivers:
        from celery.signals import task_failure

        task_failure.connect(receiver.receiver_task_failure)
    try:
        with log() as out:
            broken_task.apply()
    finally:
        if with_receivers:
            task_failure.disconnect(receiver.receiver_task_failure)
    judge(out.getvalue(), "broken_task")


@pytest.mark.django_db
def test_the_database_quotes_no_row() -> None:
    """PostgreSQL puts the whole row into the message of a violated constraint."""
    with log() as out, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE quoted (name text NOT NULL, phone text CHECK (phone = ''))")
        try:
            cursor.execute("INSERT INTO quoted VALUES (%s, %s)", [NAME, PHONE])
        except IntegrityError:
            structlog.get_logger("portal.test").exception("not_saved")
    assert "violates check constraint" in out.getvalue()
    for canary in CANARIES:
        assert canary not in out.getvalue()


def test_one_line_a_request(db: None) -> None:
    with log() as out:
        Client().get("/about/")
    events = [json.loads(line)["event"] for line in out.getvalue().splitlines()]
    assert events.count("request_finished") == 1 and "request_started" not in events


def test_the_words_of_our_own_stay() -> None:
    assert scrub('relation "x" does not exist') == 'relation "x" does not exist'
    assert scrub(f"{NAME}: [Errno 28] No space left on device: '/srv/files/ab'") == (
        "***: [Errno 28] No space left on device: '/srv/files/ab'"
    )
    assert len(scrub("x" * 10_000)) == 301
