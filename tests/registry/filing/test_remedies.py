"""Every decision against an institution says who reviews it and until when (行政复议法 2023 第20条, 第24条; 行政诉讼法 第46条)."""

from __future__ import annotations

from typing import Any

import pytest
from decision_cases import text_of
from filing_cases import ITEMS

from casework.documents.render import render_html
from registry.filing import letters
from registry.filing.remedies import review_body
from registry.filing.workflow import FILING
from registry.filing.workflow.rows import CHIEF
from registry.models import Filing
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Region

pytestmark = pytest.mark.django_db
WORDS = "60 日内向盐城市亭湖区人民政府申请行政复议"
# Whoever adds a step by which the authority decides against an institution decides here where the remedy stands.
BY_LETTER = {
    "reject": "REJECTION",
    "nonconform": "NONCONFORMING",
    "refuse_change": "CHANGE_REFUSAL",
    "rescind": "RESCISSION",
}
# Signed by a chief, but not against the institution: a correction is asked for, a proposal goes back to the reviewer.
NOT_AGAINST = {"return_again", "refuse_proposal"}


def test_every_step_a_chief_signs_is_asked_about() -> None:
    signed = {name for name, step in FILING.steps.items() if step.by == CHIEF}
    assert signed == set(BY_LETTER) | NOT_AGAINST


@pytest.mark.parametrize("kind", BY_LETTER.values())
def test_letters_against_the_institution_print_it_and_a_correction_does_not(draft: Filing, kind: str) -> None:
    given: dict[str, Any] = {"number": "N-1", "items": ITEMS, "issued_on": today_here(), "due_on": today_here()}
    spaceless = WORDS.replace(" ", "")
    assert spaceless in text_of(render_html(letters.notice(draft, kind, **given))).replace(" ", "")
    assert "行政复议" not in text_of(render_html(letters.notice(draft, "CORRECTION", **given)))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("320902", "盐城市亭湖区人民政府"),
        ("320981", "东台市人民政府"),
        ("320921", "响水县人民政府"),
        ("320971", "盐城市人民政府"),
        ("3209GX", "盐城市人民政府"),
    ],
)
def test_who_reviews(draft: Filing, code: str, name: str) -> None:
    draft.institution.region = Region.objects.get(pk=code)
    draft.authority_id = f"{code}-HEALTH"
    assert review_body(draft) == name
    draft.authority_id = "320900-HEALTH"
    assert review_body(draft) == "盐城市人民政府"
