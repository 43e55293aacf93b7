"""Under licensing somebody applies before there is a credit code (decision 18)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from registry.models import Applicant, Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import new_deadline, start_deadline, today_here

pytestmark = pytest.mark.django_db


def applicant(by: Any, no: str = "SQ-1", **fields: Any) -> Applicant:
    given = {
        "name": "盐城市亭湖区新芽托育服务有限公司", "nature": "FORPROFIT", "region_id": "320902",
        "contact_name": "吴联系", "contact_phone": "13800009911", **fields,
    }  # fmt: skip
    return Applicant.objects.create(no=no, created_by=by, **given)


def test_an_applicant_has_no_code_and_its_contact_lies_encrypted(cast: Any) -> None:
    row = applicant(cast["operator_xiaotaiyang"])
    assert not hasattr(row, "uscc") and Applicant.objects.unregistered().get() == row
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact_name, contact_phone FROM registry_applicant")
        assert "13800009911" not in str(kept := cursor.fetchone()) and "吴联系" not in str(kept)


def test_a_clock_of_its_case_runs_before_there_is_an_institution(cast: Any) -> None:
    row = applicant(cast["operator_xiaotaiyang"])
    given = {"code": "DL-PERMIT", "label": "许可决定", "source": "行政许可法第42条", "region": row.region, "days": 20}
    clock = start_deadline(subject=row.subject, today=today_here(), **given)
    assert clock.subject == "registry.applicant:SQ-1"
    assert clock.due_on == new_deadline(subject="x", today=today_here(), **given).due_on


def test_it_becomes_one_institution_on_a_day(cast: Any, institution: Any) -> None:
    row, registered = applicant(cast["operator_xiaotaiyang"]), institution()
    for half in ({"institution": registered}, {"registered_on": today_here()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Applicant.objects.filter(pk=row.pk).update(**half)
    Applicant.objects.filter(pk=row.pk).update(institution=registered, registered_on=today_here())
    assert Institution.objects.get(pk=registered.pk).applicant == row
    with pytest.raises(IntegrityError), transaction.atomic():
        applicant(cast["operator_xiaotaiyang"], no="SQ-2", institution=registered, registered_on=today_here())
    # The name is free again for another applicant, but two may not apply under it at the same time.
    applicant(cast["operator_xiaotaiyang"], no="SQ-3")
    with pytest.raises(IntegrityError), transaction.atomic():
        applicant(cast["operator_xiaotaiyang"], no="SQ-4")


def test_who_reads_an_applicant(cast: Any) -> None:
    row = applicant(cast["operator_xiaotaiyang"])

    def readers(*roles: str) -> set[str]:
        return {name for name, user in cast.items() if row in Applicant.objects.visible_to(user, frozenset(roles))}

    assert readers(Role.OPERATOR) == {"operator_xiaotaiyang"}
    staff = readers(Role.REVIEWER, Role.HEALTH_CITY)
    assert {"reviewer_tinghu", "health_city"} <= staff and "reviewer_dongtai" not in staff
    assert readers(Role.ADMIN, Role.REGISTRAR) == set()
