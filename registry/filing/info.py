"""更新收费与联系方式: what stands neither on the receipt nor under a rule, changed at once and told (domain.md §2.6)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from yancheng_childcare.problems import Problem

from ..codes import filing as codes
from ..models import Filing, FilingSection, FilingVersion
from ..rules.filing.answers import is_empty, keepable, read_answers, shown_answer
from ..rules.filing.sections import BASICS, BY_NAME, FEES, FieldSpec
from .carried import in_force_again
from .casefile import CaseFile, unsealed
from .snapshots import sealed

INFO_FIELDS = {
    BASICS.name: ("contact_name", "contact_phone", "contact_email"),
    FEES.name: ("fee_full_day", "fee_half_day", "fee_hourly", "fee_temp", "fee_meal", "prepaid_months"),
}


def info_in_order(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Fees and contacts as they will be: readable, really new, and no rule against them; nothing else can be changed."""
    case = CaseFile(filing, data["today"])
    data |= {
        "case": case,
        "accepted": filing.versions.filter(number=filing.accepted_number).first(),
        "sections": {},
        "changed": [],
    }
    for name, fields in INFO_FIELDS.items():
        section, row = BY_NAME[name], case.rows[name]
        before = {**row.data, **unsealed(row)}
        typed = {key: value for key, value in (data["info"].get(name) or {}).items() if key in fields}
        after = {**before, **keepable(section, typed)}
        for problem in read_answers(section, after)[1]:
            if problem.field in fields:
                yield problem
        for spec in section.fields:
            was, now = before.get(spec.name), after.get(spec.name)
            if was != now and not (is_empty(was) and is_empty(now)):
                words = "已修改" if spec.personal else f"{_or_none(spec, was)} → {_or_none(spec, now)}"
                data["changed"].append(f"{spec.label}：{words}")
        personal = {spec.name for spec in section.fields if spec.personal}
        hidden = {key: value for key, value in after.items() if key in personal and value}
        row.data = {key: value for key, value in after.items() if key not in personal}
        row.sealed = json.dumps(hidden, ensure_ascii=False) if hidden else ""
        data["sections"][name] = row.data
    if not data["changed"]:
        yield Problem(codes.NOTHING_CHANGED, "", "没有发现任何改动。请修改收费或联系方式后再提交。")
    named = {field for fields in INFO_FIELDS.values() for field in fields}
    for finding in case.check(case.facts(people=False, materials=False)):
        if finding.blocks and finding.field in named:
            yield finding.as_problem()


def _or_none(spec: FieldSpec, value: Any) -> str:
    return shown_answer(spec, value) or "未填写"


def update_info(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Fees and contacts as they are from now on: no line of the receipt, so no new receipt (domain.md §2.6).

    The history stays whole: the accepted submission with the new answers becomes the next one, accepted at once.
    """
    case: CaseFile = data["case"]
    last: FilingVersion = data["accepted"]
    saved = [row for name, row in case.rows.items() if name in data["info"]]
    for row in saved:
        row.version, row.saved_by, row.saved_at = row.version + 1, actor, timezone.now()
    FilingSection.objects.bulk_update(saved, ["data", "sealed", "version", "saved_by", "saved_at"])
    content = {**last.content, "sections": {**last.content["sections"], **data["sections"]}}
    version = in_force_again(filing, last, actor.pk, content=content, sealed=sealed(case), received_on=data["today"])
    data["snapshot"] = {"submission": version.number, "changed": data["changed"]}
