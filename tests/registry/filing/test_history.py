"""Every change of a tracked record leaves a row of history, also one written past the models (reliability.md T59)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from casework.cases import open_case
from casework.models import CaseProposal, Deputy
from exchange.clients import issue_key
from exchange.models import AllowedTarget, Endpoint, EndpointChange, Subscription
from inspections.clues import CLUE
from registry.models import (
    AccountOpening,
    Applicant,
    Filing,
    PersonBan,
    PersonDiscrepancy,
    Post,
    Proposal,
    RuleSwitch,
    RuleWaiver,
    SiteCheck,
    StaffTable,
)
from tests.inspections.one_of_each import make_one_of_each
from yancheng_childcare.accounts.requests import ask
from yancheng_childcare.accounts.single_sign_on import link_identity
from yancheng_childcare.choices import AccountRequestKind
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_content
from yancheng_childcare.models import SpecialDay

SEEN = {"region": "320902", "name": "试验", "uscc": "", "place": "试验路 1 号", "seen": "试验用的一段情况说明。"}
# One tracked field of every tracked model, and what it becomes. A new tracked model needs a line here.
CHANGES: dict[str, tuple[str, Any]] = {
    "yancheng_childcare.User": ("display_name", "改名"),
    "yancheng_childcare.Duty": ("valid_to", date(2031, 1, 1)),
    "yancheng_childcare.SpecialDay": ("name", "改名"),
    "yancheng_childcare.LinkedIdentity": ("provider", "改名"),
    "yancheng_childcare.AccountRequest": ("reason", "改由"),
    "exchange.EndpointChange": ("url", "http://127.0.0.1:8/"),
    "exchange.ApiClient": ("name", "改名"),
    "exchange.AllowedTarget": ("reason", "改由"),
    "exchange.Endpoint": ("name", "改名"),
    "exchange.Subscription": ("event_type", "registration.changed"),
    "casework.Case": ("subject_name", "改名"),
    "casework.CaseProposal": ("remark", "改由"),
    "casework.Deputy": ("reason", "改由"),
    "registry.Applicant": ("name", "改名"),
    "registry.AccountOpening": ("reason", "改由"),
    "registry.Filing": ("end_reason", "改由"),
    "registry.Material": ("number", "改号"),
    "registry.Institution": ("name", "改名"),
    "registry.Person": ("name", "改名"),
    "registry.Post": ("end_reason", "改由"),
    "registry.Credential": ("number", "改号"),
    "registry.PersonDiscrepancy": ("outcome", "改定"),
    "registry.PersonBan": ("basis", "改由"),
    "registry.Proposal": ("reason", "改由"),
    "registry.SiteCheck": ("summary", "改写"),
    "registry.RuleWaiver": ("reason", "改由"),
    "registry.RuleSwitch": ("reason", "改由"),
    "inspections.Clue": ("seen", "改写"),
    "inspections.Unlicensed": ("found", "改写"),
    "inspections.Incident": ("cause", "改由"),
    "inspections.EnforcementSubject": ("announcement", "改名"),
    "inspections.Matter": ("name", "改名"),
    "inspections.Officer": ("certificate_no", "改号"),
    "inspections.Tie": ("ended_on", date(2031, 1, 1)),
    "inspections.Visit": ("facts", "改写"),
    "inspections.VisitItem": ("note", "改写"),
    "inspections.Rectification": ("cause", "改由"),
    "inspections.Referral": ("answer", "改写"),
    "inspections.Penalty": ("document_no", "改号"),
    "inspections.Plan": ("content", "改写"),
    "inspections.Batch": ("source", "改源"),
    "registry.StaffTable": ("name", "改名"),
}


def _tracked() -> dict[str, type[models.Model]]:
    return {model._meta.label: model for model in apps.get_models() if hasattr(model, "pgh_event_model")}


@pytest.fixture
def one_of_each(ready: Filing, cast: dict[str, Any]) -> None:
    """At least one row of every tracked model; the filing brings institution, materials and people along."""
    issue_key(user=cast["integrator_health"], name="试验", actor=None)
    department = "320902-HEALTH"
    SpecialDay.objects.create(day=date(2031, 5, 1), is_workday=False, name="试验", source="试验")
    AllowedTarget.objects.create(
        department_id=department, host="127.0.0.1", cidr="127.0.0.1/32", port=9, plain_http=True, reason="试验"
    )
    endpoint = Endpoint.objects.create(
        department_id=department, name="试验", url="http://127.0.0.1:9/", secret="whsec_" + "a" * 32
    )
    EndpointChange.objects.create(endpoint=endpoint, url="http://127.0.0.1:7/", granted_by=cast["integrator_health"])
    link_identity(user=cast["chief_tinghu"], subject="试验", actor=cast["admin"])
    ask(user=cast["chief_tinghu"], kind=AccountRequestKind.LINK, actor=cast["admin"])
    Subscription.objects.create(endpoint=endpoint, region_id="320902", event_type="registration.recorded")
    post = Post.objects.select_related("person").earliest("pk")
    PersonDiscrepancy.objects.create(person=post.person, kind="NAME")
    PersonBan.objects.create(id_index="x", since=today_here(), basis="试验", case_no="1")
    Applicant.objects.create(
        no="SQ-1", name="试验", nature="FORPROFIT", region_id="320902", contact_name="甲", contact_phone="1",
        created_by=cast["operator_xiaotaiyang"],
    )  # fmt: skip
    AccountOpening.objects.create(no="YC-KT-1", path="MATCH", status="SUBMITTED", uscc="x", secret_hash="x")
    Proposal.objects.create(filing=ready, step="reject", reason="试验", proposed_by=cast["reviewer_tinghu"])
    clue = open_case(CLUE, SEEN, actor=cast["grid_tinghu"])
    CaseProposal.objects.create(case=clue, step="guided", proposed_by=cast["reviewer_tinghu"])
    days = {"from_day": today_here(), "until_day": today_here()}
    Deputy.objects.create(person=cast["reviewer_tinghu"], deputy=cast["reviewer_tinghu2"], reason="试验", **days)
    SiteCheck.objects.create(filing=ready, planned_on=today_here())
    RuleWaiver.objects.create(filing=ready, rule_id="R-SITE-05", reason="试验", basis="试验")
    RuleSwitch.objects.create(rule_id="R-SAFE-03", reason="试验")
    file = keep_content(b"x", kind="csv", name="x.csv", purpose="staff-import", uploaded_by=cast["admin"])
    make_one_of_each(cast, ready.institution.uscc)
    StaffTable.objects.create(file=file, name="x.csv", rows=[], granted_by=cast["admin"])


def test_an_update_past_the_models_leaves_one_row_of_history(one_of_each: None) -> None:
    tracked = _tracked()
    assert tracked.keys() == CHANGES.keys()
    silent: list[str] = []
    for label, (field, value) in CHANGES.items():
        model: Any = tracked[label]
        row = model.objects.latest("pk")
        history = model.pgh_event_model.objects.filter(pgh_obj_id=row.pk)
        before: Callable[[], int] = history.count
        number = before()
        model.objects.filter(pk=row.pk).update(**{field: value})
        last = history.order_by("-pgh_id").first()
        if history.count() != number + 1 or getattr(last, field) != value:
            silent.append(label)
    assert silent == []
