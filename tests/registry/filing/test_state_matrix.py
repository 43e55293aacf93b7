"""Every state × every step × every person: what the table allows happens, nothing else does.

Who is allowed is written down here by hand, from domain.md §2.5 and §12.2; it does not ask the table's `may`. Before an
allowed step its guards are satisfied (`prepare`), so every allowed step must succeed: one that no longer works is red.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import transaction
from filing_cases import ITEMS, answer_all, change_fees, closure_plan, fresh, judge_all, pass_on_site

from registry.choices import LIVE_FILING as LIVE
from registry.choices import OPEN_FILING, FilingStatus
from registry.filing.services import available_steps, take_step
from registry.filing.workflow import FILING, SYSTEM_STEPS
from registry.models import Filing
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db

OPERATOR, REVIEWERS, SECOND = {"operator_xiaotaiyang"}, {"reviewer_tinghu", "reviewer_tinghu2"}, {"reviewer_tinghu2"}
CHIEF, LEGAL, NOBODY = {"chief_tinghu"}, {"legal_city"}, set()
# Who may take which step; reviewer_tinghu issues the receipts of these tests, so verification is for the other one.
# From and to, by hand (domain.md §2.5); the database refuses every other change.
CHANGES = (
    ("DRAFT", "SUBMITTED"),
    ("SUBMITTED", "DRAFT"),
    ("SUBMITTED", "SUPPLEMENT"),
    ("SUBMITTED", "REJECTED"),
    ("SUBMITTED", "RECEIPTED"),
    ("SUPPLEMENT", "SUBMITTED"),
    ("SUPPLEMENT", "DRAFT"),
    ("RECEIPTED", "VERIFYING"),
    ("VERIFYING", "FILED"),
    ("VERIFYING", "NONCONFORMING"),
    ("NONCONFORMING", "VERIFYING"),
    ("FILED", "CHANGING"),
    ("CHANGING", "FILED"),
    ("CHANGING", "CHANGE_SUBMITTED"),
    ("CHANGE_SUBMITTED", "CHANGING"),
    ("CHANGE_SUBMITTED", "FILED"),
    ("FILED", "SUSPENDED"),
    ("SUSPENDED", "FILED"),
    *((state, "CANCELLED") for state in (*OPEN_FILING, *LIVE)),
    *((state, "RESCINDED") for state in LIVE),
)
WHO = {
    **dict.fromkeys(
        ("submit", "resubmit", "withdraw", "abandon", "rectify", "start_change", "withdraw_change", "submit_change",
         "confirm_year", "update_info", "suspend", "resume_service", "request_closure", "withdraw_suspension",
         "withdraw_closure"),
        OPERATOR,
    ),
    **dict.fromkeys(
        ("return", "propose_return", "propose_reject", "receipt", "return_change", "approve_change", "propose_refusal",
         "cancel", "propose_rescind", "pause", "resume"),
        REVIEWERS,
    ),
    **dict.fromkeys(("verify", "reassign", "confirm", "propose_nonconform"), SECOND),
    **dict.fromkeys(("return_again", "reject", "nonconform", "refuse_change", "rescind", "refuse_proposal"), CHIEF),
    "legal_review": LEGAL,
    **dict.fromkeys(("lapse", "follow", "supersede", "begin_suspension"), NOBODY),
}  # fmt: skip
STRANGERS = ("reviewer_dongtai", "operator_yangguang", "health_city", "registrar_tinghu", "admin", "police_tinghu")


def data_for(step, cast):
    """Enough for the step where its guards allow it."""
    today = today_here()
    common = {"today": today, "reason": "试验办理的理由", "items": ITEMS, "cause": "EXPERTISE", "agrees": True}
    common["clause"] = "登记和备案办法第9条"
    if step in {"suspend", "request_closure"}:
        common["plan"] = closure_plan(final=step == "request_closure", from_day=today)
    if step == "update_info":
        common["info"] = {"fees": {"fee_full_day": "2080"}}
    if step in {"verify", "reassign"}:
        other = "reviewer_tinghu" if step == "reassign" else "inspector_tinghu2"
        common |= {"officers": [cast["inspector_tinghu1"], cast[other]], "planned_on": today}
    if step in {"return", "return_change", "propose_return"}:
        common.pop("items")
    return common


# Which proposal a chief can refuse or sign, by state, and who makes it.
PROPOSALS = {"SUBMITTED": "propose_return", "CHANGE_SUBMITTED": "propose_refusal", "VERIFYING": "propose_nonconform"}


def propose(case, step, cast):
    """A proposal of one of the two reviewers, as the table wants it."""
    who = "reviewer_tinghu2" if step == "propose_nonconform" else "reviewer_tinghu"
    return take_step(case, step, actor=cast[who], **data_for(step, cast))


def prepare(filing, step, cast):
    """What must stand before the step can succeed, by the real services."""
    operator, first, second = cast["operator_xiaotaiyang"], cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
    match step:
        case "resubmit" | "rectify":
            answer_all(filing, operator)
        case "submit_change":
            change_fees(filing, operator)
        case "return" | "return_change" | "propose_return":
            judge_all(filing, first, premises=("SUPPLEMENT", "租赁合同缺页"))
        case "receipt" | "approve_change":
            judge_all(filing, first)
        case "confirm":
            pass_on_site(filing, cast["inspector_tinghu1"])
        case "reject":
            propose(filing, "propose_reject", cast)
        case "return_again":
            prepare(filing, "propose_return", cast)
            propose(filing, "propose_return", cast)
        case "nonconform" | "refuse_change":
            propose(filing, PROPOSALS[filing.status], cast)
        case "cancel":
            take_step(filing, "request_closure", actor=operator, **data_for("request_closure", cast))
        case "withdraw_suspension" | "begin_suspension":
            take_step(filing, "suspend", actor=operator, reason="装修停业", plan=closure_plan(final=False))
        case "withdraw_closure":
            take_step(filing, "request_closure", actor=operator, **data_for("request_closure", cast))
        case "legal_review":
            propose(filing, "propose_rescind", cast)
        case "rescind":
            propose(filing, "propose_rescind", cast)
            take_step(filing, "legal_review", actor=cast["legal_city"], **data_for("legal_review", cast))
        case "refuse_proposal":
            name = PROPOSALS.get(filing.status, "propose_rescind" if filing.status in LIVE else "")
            prepare(filing, name, cast)
            propose(filing, name, cast)
        case "resume":
            take_step(filing, "pause", actor=second, **data_for("pause", cast))
    return fresh(filing)


def test_the_table_and_the_hand_written_list_name_the_same_steps():
    assert set(WHO) == set(FILING.steps)
    assert {name for name, who in WHO.items() if not who} == SYSTEM_STEPS
    assert FILING.changes() == set(CHANGES)


@pytest.mark.parametrize("state", FilingStatus.values)
def test_every_step_and_every_person(filing_in, cast, state):
    case = filing_in(state)
    for username, user in cast.items():
        offered = {t.name for t in available_steps(case, user)}
        expected = {n for n, t in FILING.steps.items() if state in t.sources and username in WHO[n]}
        if case.receipted_by_id is None:
            expected |= {n for n in ("verify",) if state in FILING.steps[n].sources and username in REVIEWERS}
        assert offered == expected, (state, username)
    for name, transition in FILING.steps.items():
        people = {
            *STRANGERS,
            *(who for who in ("operator_xiaotaiyang", "reviewer_tinghu", "chief_tinghu", "legal_city")),
        }
        for username in people:
            allowed = state in transition.sources and username in WHO[name]
            _attempt(case, name, cast[username], data_for(name, cast), allowed, cast)


def _attempt(case, name, user, data, allowed, cast):
    """Try a step and undo it: an allowed one succeeds, a forbidden one is refused with 403 or 409; nothing stays."""
    acts, outcome = Event.objects.count(), ""
    try:
        with transaction.atomic():
            ready = prepare(case, name, cast) if allowed else case
            moved = FILING.run(ready, name, user, **data)
            assert moved.status == (FILING.steps[name].target or case.status)
            assert moved.record_version == ready.record_version + 1
            raise _Undo
    except _Undo:
        outcome = "done"
    except Rejected as rejected:
        outcome = rejected.code
    wanted = {"done"} if allowed else {"GEN-403", "GEN-409"}
    assert outcome in wanted, (case.status, name, user.username, outcome)
    saved = Filing.objects.get(pk=case.pk)
    assert (saved.status, saved.record_version) == (case.status, case.record_version)
    assert Event.objects.count() == acts


class _Undo(Exception):
    """Ends an attempt without keeping it."""


def test_the_database_refuses_what_the_table_does_not_know(filing_in):
    case = filing_in("SUBMITTED")
    for target in ("FILED", "NONCONFORMING", "SUSPENDED"):
        with pytest.raises(Exception, match=r"pgtrigger|filing_live"), transaction.atomic():
            Filing.objects.filter(pk=case.pk).update(status=target)


def test_the_docs_show_the_table():
    text = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text(encoding="utf-8")
    for t in FILING.steps.values():
        for source in sorted(t.sources):
            assert f"| {t.name} | {t.label} | {source} | {t.target or source} |" in text, (t.name, source)


def test_snapshots_hold_no_personal_numbers(filing_in):
    case = filing_in("SUBMITTED")
    text = json.dumps(case.versions.get().content, ensure_ascii=False)
    people = case.institution.posts.select_related("person")
    private = {value for post in people for value in (post.person.id_no, post.phone)}
    private |= {case.institution.legal_rep_id_no, "13812345678", "13900001234"}
    assert len(private) > 6 and not [value for value in private if value and value in text]
