"""The classes of a filing as its pages show them: one card a class, what is wrong in it, the carers it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse

from yancheng_childcare.problems import Problem

from ...codes import filing as codes
from ...rules.filing.answers import is_empty, read_class, shown_answer
from ...rules.filing.catalogue import rule_of
from ...rules.filing.classes import required_carers
from ...rules.filing.facts import ClassFacts
from ...rules.filing.sections import CLASS_FIELDS
from ..casefile import CaseFile
from .section_form import note_of, problem_note

SHOWN = ("class_type", "places", "enrolled")
BY_NAME = {spec.name: spec for spec in CLASS_FIELDS}


def classes_of(answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The classes of a section as typed."""
    return list(answers.get("classes") or [])


def class_facts(values: dict[str, Any]) -> ClassFacts | None:
    """One class as the rules see it; None while its kind is open."""
    if not values.get("class_type"):
        return None
    known = {name: values[name] for name in ClassFacts.__dataclass_fields__ if values.get(name) is not None}
    return ClassFacts(**known)


def carers_for(values: dict[str, Any], today: date) -> int | None:
    """How many carers this class needs with the children it has, or plans for while it has none."""
    facts = class_facts(values)
    if facts is None:
        return None
    planned = replace(facts, enrolled=None) if facts.enrolled == 0 else facts
    return required_carers([planned], rule_of("R-RAT-01", today).params)


def class_notes(case: CaseFile, values: dict[str, Any], problems: list[Problem]) -> dict[str, list[dict[str, Any]]]:
    """What is wrong in this class alone, by field: typing first, then the rules on a filing of just this class."""
    found: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        if problem.code != codes.FILING_REQUIRED:
            found.setdefault(problem.field, []).append(problem_note(problem))
    facts = class_facts(values)
    if facts is None:
        return found
    alone = replace(case.facts(people=False, materials=False), classes=(facts,), capacity_total=None)
    for finding in case.check(alone):
        if finding.section == "classes" and finding.field in BY_NAME and finding.verdict == "FAIL":
            found.setdefault(finding.field, []).append(note_of(finding))
    return found


def class_cards(case: CaseFile) -> dict[str, Any]:
    """All classes with their state, the sums, and where the next one is added."""
    cards, places, carers = [], 0, 0
    for number, row in enumerate(classes_of(case.answers.get("classes", {})), 1):
        problems: list[Problem] = []
        values = read_class(row, problems)
        notes = class_notes(case, values, problems)
        missing = sum(1 for p in problems if p.code == codes.FILING_REQUIRED)
        wrong = [note for found in notes.values() for note in found]
        need = carers_for(values, case.today)
        places += values.get("places") or 0
        carers += need or 0
        light, word = ("green", "已完成")
        if any(note["light"] == "red" for note in wrong):
            light, word = "red", f"{len(wrong)} 处要修改"
        elif missing:
            light, word = "yellow", f"还有 {missing} 项没有填"
        url = reverse("filing:class", args=[case.filing.no, number])
        cards.append(
            {
                "number": number,
                "name": str(row.get("class_name") or "").strip() or f"第 {number} 个班",
                "cells": {name: shown_answer(BY_NAME[name], row.get(name)) for name in SHOWN},
                "carers": need,
                "light": light,
                "word": word,
                "notes": wrong,
                "url": url,
                "delete_url": f"{url}?delete=1",
            }
        )
    return {
        "cards": cards,
        "places": places,
        "carers": carers,
        "add_url": reverse("filing:class", args=[case.filing.no, len(cards) + 1]),
    }


def class_words(row: dict[str, Any]) -> str:
    """Everything a class says, in one line."""
    return "，".join(
        f"{spec.label} {shown_answer(spec, row.get(spec.name))}"
        for spec in CLASS_FIELDS[1:]
        if not is_empty(row.get(spec.name))
    )
