"""What an inspection's people do, as tests do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from casework.cases import take
from casework.letters import release
from casework.models import Case
from casework.serving import serve
from inspections.models import VisitItem
from yancheng_childcare.problems import Rejected


@contextmanager
def says(words: str) -> Iterator[None]:
    """It is refused, and why."""
    with pytest.raises(Rejected) as refused:
        yield
    assert words in "".join(problem.message for problem in refused.value.problems)


def refused(run: Callable[[], Any]) -> set[str]:
    """The codes with which it was refused."""
    with pytest.raises(Rejected) as found, transaction.atomic():
        run()
    return {problem.code for problem in found.value.problems}


def judge(case: Case, **wrong: str) -> None:
    """Every item of the body's field is met, but those named (`D2_02="what was wrong"`)."""
    field = case.body.subject.field
    for line in VisitItem.objects.filter(visit=case.body).select_related("item"):
        note = wrong.get(line.item.code.replace("-", "_"), "")
        if field in line.item.fields:
            line.verdict = "NOT_MET" if note else "MET"
        line.note = note
        line.save()
    for name in ("items", "crew"):
        case.body.__dict__.pop(name, None)


def sign_off(case: Case, cast: dict[str, Any], **changed: str) -> Case:
    """Both officers sign the record."""
    words = {"facts": "现场查看了全部项目，情况见逐项结论。", "operator_words": "无", "operator_name": "曹园长", "refusal": "",
             "witness": ""}  # fmt: skip
    case = take(case, "sign", words | changed, actor=cast["inspector_tinghu1"])
    return take(case, "sign_sign", actor=cast["inspector_tinghu2"])


def hand_out(case: Case, form: str, actor: Any) -> None:
    """The hold of the letter is over and it was handed to the person in charge."""
    letter = case.letters.get(form=form)
    release()
    letter.refresh_from_db()
    serve(letter, way="DIRECT", served_on=timezone.localdate(), facts={"received_by": "曹园长", "relation": "负责人"},
          actor=actor)  # fmt: skip
