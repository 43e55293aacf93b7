"""The questions of 更新收费与联系方式: the same fields as in the sections, with what is filed already there."""

from __future__ import annotations

from typing import Any

from ...models import Filing
from ...rules.filing.sections import BY_NAME
from ..casefile import unsealed
from ..info import INFO_FIELDS
from .section_form import AnswersForm

SPECS = tuple(
    spec for name, fields in reversed(INFO_FIELDS.items()) for spec in BY_NAME[name].fields if spec.name in fields
)


def info_form(filing: Filing, data: Any = None) -> AnswersForm:
    """What may be updated, prefilled with what is filed; fees first."""
    if data is not None:
        return with_units(AnswersForm(data, specs=SPECS))
    rows = filing.sections.filter(name__in=INFO_FIELDS)
    initial = {key: value for row in rows for key, value in {**row.data, **unsealed(row)}.items()}
    return with_units(AnswersForm(initial=initial, specs=SPECS))


def with_units(form: AnswersForm) -> AnswersForm:
    """The fields in a plain list say their unit, which the pages of the sections write behind them."""
    for spec in form.specs:
        if spec.unit:
            form.fields[spec.name].help_text = "；".join(part for part in (f"单位：{spec.unit}", spec.hint) if part)
    return form


def info_of(form: AnswersForm) -> dict[str, dict[str, Any]]:
    """What was typed, by section."""
    typed = form.typed()
    return {name: {key: typed[key] for key in fields if key in typed} for name, fields in INFO_FIELDS.items()}
