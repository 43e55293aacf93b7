"""Whatever is done in whatever order: nobody acts for an institution without a code, an approval or a sign-on of that very one."""

from __future__ import annotations

import os
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from registry.accounts.entered import Facts, Person
from registry.accounts.opening import invite, issue_code, open_account, use
from registry.accounts.parting import part_with
from registry.accounts.people import duties_for
from registry.accounts.sign_on import person_of
from registry.accounts.workflow import OPENING
from registry.models import AccountOpening, Institution
from registry.registration.services import change_institution
from registry.rules.identity import make_id_number
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.models import Duty, User
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
RUNS, STEPS = (int(n) for n in os.environ.get("STATEFUL", "12x40").split("x"))
PLACES, PEOPLE = 2, ("visitor", "operator_yangguang", "registrar_tinghu", "reviewer_tinghu")
ACTORS = ("registrar_tinghu", "reviewer_tinghu", "reviewer_dongtai", "chief_tinghu", "operator_yangguang", "admin")


class Undo(Exception):
    """Rolls one run back."""


class Openings(RuleBasedStateMachine):
    """`earned` is kept by hand: (institution, user) pairs that came by one of the lawful ways."""

    places: list[Institution]

    def __init__(self):
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.users = {name: User.objects.get(username=name) for name in {*PEOPLE[1:], *ACTORS}}
        self.earned: set[tuple[str, int]] = set()
        self.codes: dict[str, str] = {}
        self.number = 0

    def teardown(self):
        self.run.__exit__(Undo, Undo(), None)

    def fresh(self, name: str) -> User:
        return User.objects.get(pk=self.users[name].pk)

    def person(self, name: str) -> Person:
        self.number += 1
        if name == "visitor":
            return Person(display_name="访客", username=f"visitor{self.number}", password="!")
        return Person(user=self.fresh(name))

    def facts(self, place: Institution, right: bool, code: str) -> Facts:
        stored = Institution.objects.get(pk=place.pk)
        index = stored.legal_rep_id_index if right else blind_index("wrong", "person")
        return Facts(place.uscc, stored.legal_rep_name, index, code)

    @rule(place=st.integers(0, PLACES - 1))
    def registrar_prints_a_code(self, place):
        found = self.places[place]
        self.codes[found.uscc] = issue_code(found, actor=self.users["registrar_tinghu"])

    @rule(
        place=st.integers(0, PLACES - 1),
        of=st.integers(0, PLACES - 1),
        right=st.booleans(),
        who=st.sampled_from(PEOPLE),
    )
    def somebody_enters_a_code(self, place, of, right, who):
        wanted, code = self.places[place], self.codes.get(self.places[of].uscc, "AAAABBBBCCCC")
        try:
            opening, _ = open_account(
                facts=self.facts(wanted, right, code), person=self.person(who), nonce=f"n{self.number}", caller="c"
            )
        except Rejected:
            return
        assert right and code == self.codes[wanted.uscc] and who in {"visitor", "operator_yangguang"}
        del self.codes[wanted.uscc]
        self.earned.add((wanted.uscc, opening.user_id))

    @rule(place=st.integers(0, PLACES - 1), who=st.sampled_from(PEOPLE))
    def somebody_enters_everything_right(self, place, who):
        self.somebody_enters_a_code(place, place, True, who)

    @rule(place=st.integers(0, PLACES - 1), right=st.booleans(), who=st.sampled_from(PEOPLE))
    def somebody_asks_without_a_code(self, place, right, who):
        open_account(
            facts=self.facts(self.places[place], right, ""),
            person=self.person(who),
            nonce=f"n{self.number}",
            caller="c",
        )

    @rule(actor=st.sampled_from(ACTORS), step=st.sampled_from(sorted(OPENING.steps)), data=st.data())
    def anybody_takes_any_step_on_any_case(self, actor, step, data):
        cases = list(AccountOpening.objects.order_by("pk"))
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        try:
            done = OPENING.run(case, step, self.fresh(actor), reason="核实过，理由充分")
        except Rejected:
            return
        assert actor == "reviewer_tinghu" and step in {"approve", "refuse"}
        if step == "approve":
            assert done.legal_index == done.institution.legal_rep_id_index
            self.earned.add((done.uscc, done.user_id))

    @rule(place=st.integers(0, PLACES - 1), who=st.sampled_from(PEOPLE))
    def somebody_who_acts_invites(self, place, who):
        acting = list(duties_for(self.places[place].uscc))
        if not acting:
            return
        opening, _ = invite(self.places[place], actor=acting[0].user)
        try:
            done = use(opening, self.person(who))
        except Rejected:
            return
        self.earned.add((done.uscc, done.user_id))

    @rule(place=st.integers(0, PLACES - 1), subject=st.sampled_from(["legal-1", "legal-2"]))
    def the_province_signs_somebody_in(self, place, subject):
        try:
            found = person_of(uscc=self.places[place].uscc, subject_index=subject, name="法人")
        except Rejected:
            return
        self.earned.add((self.places[place].uscc, found.pk))

    @rule(place=st.integers(0, PLACES - 1), actor=st.sampled_from(ACTORS))
    def somebody_parts_with_somebody(self, place, actor):
        acting = list(duties_for(self.places[place].uscc))
        if not acting:
            return
        try:
            gone = part_with(uscc=self.places[place].uscc, user_id=acting[-1].user_id, actor=self.fresh(actor))
        except Rejected:
            return
        assert (self.places[place].uscc, gone.pk) in self.earned
        self.earned.discard((self.places[place].uscc, gone.pk))

    @rule(place=st.integers(0, PLACES - 1), number=st.integers(1, 900))
    def the_representative_changes(self, place, number):
        stored = Institution.objects.get(pk=self.places[place].pk)
        try:
            change_institution(
                stored, changes={"legal_rep_id_no": make_id_number("320902", date(1971, 2, 3), number)},
                actor=self.fresh("registrar_tinghu"),
            )  # fmt: skip
        except Rejected:  # the same number again
            return
        self.codes.pop(stored.uscc, None)

    @invariant()
    def only_who_earned_it_acts(self):
        acting = Duty.objects.in_force().filter(uscc__in=[place.uscc for place in self.places])
        assert set(acting.values_list("uscc", "user_id")) == self.earned


def test_no_sequence_gives_anybody_a_duty_that_was_not_earned(institution, monkeypatch):
    monkeypatch.setattr("registry.accounts.opening.check_attempts", lambda caller, uscc: [])
    Openings.places = [institution() for _ in range(PLACES)]
    quick = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Openings, settings=quick)
