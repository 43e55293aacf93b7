"""The sixty days of filing count from one day everywhere: the record's clock, the list, an import, the operator's desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.registration.clocks import FILE, filing_due
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline

pytestmark = pytest.mark.django_db


def test_the_clock_of_filing_starts_on_the_day_of_establishment(institution, as_user):
    day = today_here() - timedelta(days=10)
    found = institution(established_on=day.isoformat(), approved_on=day.isoformat(), valid_from=day.isoformat())
    clock = Deadline.objects.running().of(found.subject).get(code=FILE)
    assert (clock.started_on, clock.due_on) == (day, day + timedelta(days=60))
    assert clock.due_on == filing_due(found.established_on)
    record = markup_of(as_user("registrar_tinghu").get(f"/desk/registrations/{found.uscc}/"))
    assert clock.due_on.isoformat() in record
    html = markup_of(as_user("reviewer_tinghu").get("/desk/unfiled/"))
    assert "成立日期" in html and "登记日期" not in html
    assert "10 天" in html.split("<tbody>")[1]
