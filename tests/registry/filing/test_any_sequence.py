"""No sequence of actions by anybody reaches a receipt without materials, or loses what was typed or handed in."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import pytest
from django.db import transaction
from filing_cases import ITEMS, closure_plan, png_upload
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from registry.choices import LIVE_FILING as LIVE
from registry.choices import ItemVerdict
from registry.filing import review
from registry.filing.casefile import CaseFile, unsealed
from registry.filing.drafts import save_section
from registry.filing.materials import add_page, remove_page
from registry.filing.pledge import sign_pledge
from registry.filing.services import record_site_check, reply_to, take_step
from registry.filing.workflow import FILING
from registry.models import Filing, FilingVersion, MaterialPage
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import is_intact
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db

PEOPLE = (
    "operator_xiaotaiyang", "reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "legal_city", "inspector_tinghu1",
    "operator_yangguang", "reviewer_dongtai", "admin",
)  # fmt: skip
LIKELY = ("operator_xiaotaiyang", "reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu")
CODES = ("M01_LICENSE", "M02_PREMISES", "M04_SANITATION", "M05_FIRE", "M07_FOOD")
RUNS, STEPS = (int(n) for n in os.environ.get("STATEFUL", "12x40").split("x"))


class Undo(Exception):
    """Rolls one run back."""


def digest(version: FilingVersion) -> str:
    """A fingerprint of what was handed in."""
    return hashlib.sha256(json.dumps(version.content, sort_keys=True).encode()).hexdigest()


class AnySequence(RuleBasedStateMachine):
    """Everybody does anything; refused actions must leave everything as it was."""

    ready: Filing
    cast: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.case = Filing.objects.select_related("institution__region").get(pk=self.ready.pk)
        self.typed = {row.name: {**row.data, **unsealed(row)} for row in self.case.sections.exclude(name="pledge")}
        self.handed: dict[int, str] = {}
        self.files: set[Any] = set()
        self.pages = 0

    def teardown(self) -> None:
        self.run.__exit__(Undo, Undo(), None)

    def refresh(self) -> None:
        self.case = Filing.objects.select_related("institution__region").get(pk=self.case.pk)

    def attempt(self, call: Any) -> Any:
        """Do it, whole or not at all."""
        before = (self.case.status, self.case.record_version)
        try:
            with transaction.atomic():
                done = call()
        except Rejected:
            self.refresh()
            assert (self.case.status, self.case.record_version) == before
            return None
        self.refresh()
        return done

    @rule(step=st.sampled_from(sorted(FILING.steps)), who=st.sampled_from(PEOPLE))
    def anybody_takes_any_step(self, step, who):
        self.step(step, who)

    @rule(step=st.sampled_from(("submit", "resubmit", "receipt", "verify", "reassign", "confirm", "return", "start_change",
                                "submit_change", "withdraw_change", "approve_change", "withdraw")),
          who=st.sampled_from(LIKELY))  # fmt: skip
    def somebody_takes_a_likely_step(self, step, who):
        self.step(step, who)

    def step(self, step, who):
        before, number = self.case.status, Event.objects.count()
        data: dict[str, Any] = {"reason": "随机办理的理由", "items": ITEMS, "cause": "EXPERTISE", "agrees": True}
        data["clause"] = "登记和备案办法第9条"
        if step in {"return", "return_change", "propose_return"}:
            data.pop("items")
        if step in {"suspend", "request_closure"}:
            data["plan"] = closure_plan(final=step == "request_closure")
        if step in {"verify", "reassign"}:
            other = "reviewer_tinghu" if step == "reassign" else "inspector_tinghu2"
            officers = [self.cast["inspector_tinghu1"], self.cast[other]]
            data |= {"officers": officers, "planned_on": today_here()}
        done = self.attempt(lambda: take_step(self.case, step, actor=self.cast[who], **data))
        if done is not None:
            assert (before, done.status) in FILING.changes() or before == done.status
            assert Event.objects.count() > number  # no step without a trace
            if step in {"withdraw_change", "refuse_change"}:
                self.typed = {r.name: {**r.data, **unsealed(r)} for r in self.case.sections.exclude(name="pledge")}

    @rule(empty=st.sampled_from((None, *CODES)), steps=st.sampled_from((("submit",), ("submit", "receipt"))))
    def somebody_hurries_the_case_through(self, empty, steps):
        """The shortest way to a receipt, now and then with a material emptied first."""
        operator = self.cast["operator_xiaotaiyang"]
        pages = MaterialPage.objects.filter(material__filing=self.case, material__code=empty)
        for page in list(pages.values_list("pk", flat=True)):
            self.attempt(lambda p=page: remove_page(self.case, empty, page=p, actor=operator))
        self.the_operator_signs_and_mends(True)
        self.step(steps[0] if self.case.status == "DRAFT" else "resubmit", "operator_xiaotaiyang")
        if len(steps) > 1 and self.case.status == "SUBMITTED":
            self.somebody_judges(set(), "reviewer_tinghu")
            self.step("receipt", "reviewer_tinghu")

    @rule(name=st.sampled_from(("premises", "fees", "facilities")), value=st.sampled_from(("", "12", "乱写", "0")),
          who=st.sampled_from(PEOPLE[:2]))  # fmt: skip
    def somebody_types(self, name, value, who):
        field = {"premises": "floor_area", "fees": "fee_meal", "facilities": "recording_days"}[name]
        row = self.case.sections.get(name=name)
        answers = {**row.data, field: value}
        saved = self.attempt(
            lambda: save_section(self.case, name, answers=answers, expected_version=row.version, actor=self.cast[who])
        )
        if saved is not None:
            self.typed[name] = answers

    @rule(good=st.booleans())
    def the_operator_signs_and_mends(self, good):
        operator = self.cast["operator_xiaotaiyang"]
        if good:
            for name, field, value in (("premises", "floor_area", "620"), ("fees", "fee_meal", "18"),
                                       ("facilities", "recording_days", "90")):  # fmt: skip
                row = self.case.sections.get(name=name)
                answers = {**row.data, field: value}
                if self.attempt(lambda n=name, a=answers, r=row: save_section(
                        self.case, n, answers=a, expected_version=r.version, actor=operator)) is not None:  # fmt: skip
                    self.typed[name] = answers
            for notice in self.case.notices.all()[:1]:
                for item in notice.items:
                    self.attempt(lambda i=item, n=notice: reply_to(n, i["item"], text="已改", actor=operator))
        self.attempt(lambda: sign_pledge(self.case, name="曹负责", agreed=True, actor=operator))

    @rule(code=st.sampled_from(CODES))
    def the_operator_uploads(self, code):
        self.pages += 1
        upload = png_upload(number=1000 + self.pages)
        self.attempt(lambda: add_page(self.case, code, uploaded=upload, actor=self.cast["operator_xiaotaiyang"]))

    @rule(code=st.sampled_from(CODES), data=st.data())
    def the_operator_removes_a_page(self, code, data):
        pages = list(MaterialPage.objects.filter(material__filing=self.case, material__code=code).values_list("pk"))
        if pages:
            (page,) = data.draw(st.sampled_from(pages))
            self.attempt(lambda: remove_page(self.case, code, page=page, actor=self.cast["operator_xiaotaiyang"]))

    @precondition(lambda self: self.case.status in {"SUBMITTED", "CHANGE_SUBMITTED"})
    @rule(wrong=st.sets(st.sampled_from(("premises", "fees", "M05_FIRE")), max_size=2), who=st.sampled_from(LIKELY))
    def somebody_judges(self, wrong, who):
        for item in review.items_of(review.last_version(self.case)):
            verdict = ItemVerdict.SUPPLEMENT if item in wrong else ItemVerdict.CONFORMS
            self.attempt(
                lambda i=item, v=verdict: review.give_verdict(
                    self.case, i, verdict=v, reason="请补正" if v == "SUPPLEMENT" else "", actor=self.cast[who]
                )
            )

    @precondition(lambda self: self.case.status == "VERIFYING")
    @rule(fine=st.booleans())
    def the_officers_conclude(self, fine):
        check = self.case.site_checks.filter(concluded_on=None).first()
        if check is not None:
            results = {
                i["id"]: {"result": "PASS" if fine or i["id"] != "S01" else "FAIL", "remark": "现场"}
                for i in check.items
            }
            self.attempt(
                lambda: record_site_check(
                    check, results=results, summary="", conclude=True,
                    actor=self.cast["inspector_tinghu1"], expected_version=check.record_version,
                )
            )  # fmt: skip

    @invariant()
    def no_receipt_without_materials(self):
        if self.case.status in LIVE or self.case.receipts.exists():
            accepted = self.case.versions.get(number=self.case.accepted_number)
            rows = {row["code"]: row["pages"] for row in accepted.content["materials"]}
            assert all(rows.get(code) for code in CODES), rows
            assert self.case.receipts.filter(receipt_no=self.case.receipt_no).exists()

    @invariant()
    def what_was_typed_is_there(self):
        now = {row.name: {**row.data, **unsealed(row)} for row in self.case.sections.exclude(name="pledge")}
        assert now == self.typed

    @invariant()
    def what_was_handed_in_never_changes(self):
        versions = {version.number: digest(version) for version in self.case.versions.all()}
        assert all(versions.get(number) == kept for number, kept in self.handed.items())
        self.handed = versions
        for version in self.case.versions.all():
            for row in version.content["materials"]:
                kept = MaterialPage.objects.filter(material=row["id"]).values_list("file_id", flat=True)
                assert {str(key) for key in kept} == set(row["pages"])

    @invariant()
    def files_stay(self):
        found = {page.file for page in MaterialPage.objects.filter(material__filing=self.case).select_related("file")}
        for file in found - self.files:
            assert is_intact(file)
        self.files |= found


def test_no_sequence_loses_data_or_skips_materials(ready, cast):
    assert not CaseFile(ready, today_here()).missing
    AnySequence.ready, AnySequence.cast = ready, cast
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="STATEFUL" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
