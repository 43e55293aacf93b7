"""The items of an inspection as its officers find them on the spot (domain-2.md B2.3–B2.4, product.md C5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from casework.models import Case
from casework.reach import of_department
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from .choices import Verdict
from .found import Found, as_kept, problems_of
from .inspection import INSPECTION, ON_SITE, in_the_crew
from .models import VisitItem
from .photos import checked, keep_photos, too_many
from .repeats import found_before

ACT = "case.inspection.record"


def may_record(case: Case, actor: Any) -> bool:
    """Whether this person writes the items now: an officer of the crew, in the house, the record not signed by one yet."""
    mine = actor.has_role(Role.INSPECTOR) and of_department(Role.INSPECTOR)(actor, case)
    return mine and case.status == ON_SITE and not any(in_the_crew(case, actor, {})) and "sign" not in case.pending


def save_items(case: Case, changes: Mapping[str, Found], *, actor: Any, expected_version: int) -> Case:
    """Save what was found on the items named by their codes, whole or not at all; returns the saved case.

    `expected_version`: the `record_version` on which the writer saw the items. Raises Rejected: 403 for whoever is not of
    the crew, 409 when the officers are not in the house or one of them has signed, 412 naming what a colleague changed
    meanwhile in these items, 422 with every problem, its field (`verdict-D2-05`, `note-…`, `fixed-…`, `photos-…`).
    """
    _may(case, actor)
    photos, problems = checked(changes)  # pictures are read before the case is locked: that takes seconds
    with transaction.atomic():
        locked: Case = INSPECTION.cases().select_for_update(of=("self",)).get(pk=case.pk)
        _may(locked, actor)
        lines = {line.item.code: line for line in locked.body.items}
        if theirs := _changed_since(locked, expected_version, changes, lines):
            raise Rejected([Problem("GEN-412", field, words) for field, words in theirs], status=412)
        field = locked.body.subject.field
        for code, found in changes.items():
            problems += problems_of(code, lines.get(code), found, field)
        problems += too_many(photos, lines)
        if problems:
            raise Rejected(problems)
        done = _write(locked, changes, lines)
        keep_photos(locked, photos, lines, actor)
        if done or photos:
            locked.record_version += 1
            locked.save(update_fields=["record_version"])
            _keep_act(locked, sorted({*done, *photos}), done, actor)
    return locked


def _may(case: Case, actor: Any) -> None:
    if not actor.has_role(Role.INSPECTOR) or not of_department(Role.INSPECTOR)(actor, case):
        raise Rejected(Problem("GEN-403", "", "您的职责不能记录这次检查。"), status=403)
    if problems := list(in_the_crew(case, actor, {})):
        raise Rejected(problems, status=403)
    if case.status != ON_SITE:
        words = f"当前状态为“{INSPECTION.states[case.status].label}”，不能再记录检查项目。请查看最新情况。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    if "sign" in case.pending:
        words = "笔录已经由一名检查人员签名，等待另一人复签。要修改的，请先撤回签名。"
        raise Rejected(Problem("GEN-409", "", words), status=409)


def _changed_since(
    case: Case, version: int, changes: Mapping[str, Found], lines: Mapping[str, VisitItem]
) -> list[tuple[str, str]]:
    """(field, words) of what a colleague wrote after this version and the writer would write over.

    The two officers share the list: what one wrote of other items is no conflict, nor is the same answer twice.
    """
    if version == case.record_version:
        return []
    acts = Event.objects.of(case.subject).filter(action=ACT, data__version__gt=version)
    since = {code for data in acts.values_list("data", flat=True) for code in data["items"]}
    labels = {"verdict": "结论", "note": "情况", "fixed_on_spot": "当场已改正"}
    return [
        (f"{'fixed' if name == 'fixed_on_spot' else name}-{code}", f"{code}的{label}已由另一名检查人员修改，请核对后再保存。")
        for code, found in changes.items()
        if code in since and code in lines
        for name, label in labels.items()
        if as_kept(found)[name] != getattr(lines[code], name)
    ]  # fmt: skip


def _write(case: Case, changes: Mapping[str, Found], lines: Mapping[str, VisitItem]) -> list[str]:
    """Write what is another than before; the codes of it."""
    before, done = found_before(case), []
    for code, found in changes.items():
        line, kept = lines[code], as_kept(found)
        kept["repeated"] = found.verdict == Verdict.NOT_MET and code in before
        if changed := [name for name, value in kept.items() if getattr(line, name) != value]:
            for name in changed:
                setattr(line, name, kept[name])
            line.save(update_fields=changed)
            done.append(code)
    return done


def _keep_act(case: Case, items: Iterable[str], done: list[str], actor: Any) -> None:
    listed = "、".join(items)
    log_event(
        ACT, subject=case.subject, summary=f"记录检查项目：{case.subject_name}（{listed}）", actor=actor,
        region_prefix=case.region.prefix,
        data={"no": case.no, "label": f"记录检查项目：{listed}"[:200], "version": case.record_version, "items": done},
    )  # fmt: skip
