"""Every entry is looked at once a day, slice by slice: what is read in bulk is what one by one reads, and costs little."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from registry.filing.services import take_step
from registry.models import (
    Credential,
    Filing,
    FilingVersion,
    Institution,
    Notice,
    PersonBan,
    Post,
    PublicChange,
    PublicEntry,
    SiteCheck,
    Training,
)
from registry.people.facts import staff_of
from registry.register import daily, tasks
from registry.register.closing import plans_of
from registry.register.entry import columns, refresh_entry
from registry.register.sources import Sources, Told, Visit, gather_many
from registry.registration.services import end_registration, record_filing
from tests.security.filed import file_it, operator_of, plan
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Heartbeat
from yancheng_childcare.pieces import Tally

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.FILE_ROOT = tmp_path


def read_alone(pk: int, today: date) -> Sources:
    """One institution's sources, table by table in plain words: what every other way of reading must come to."""
    place = Institution.objects.get(pk=pk)
    filing = Filing.objects.filter(institution=place).exclude(receipt_no="").order_by("-id").first()
    if filing is None or not place.filing_state:
        return Sources(place, None, None, None, [], [], [], [], today)
    checks = SiteCheck.objects.filter(filing=filing).exclude(concluded_on=None).order_by("-concluded_on", "-id")
    letters = Notice.objects.filter(filing=filing, kind="NONCONFORMING", published=True).order_by("-id")
    return Sources(
        institution=place,
        filing=filing,
        accepted=filing.versions.get(number=filing.accepted_number),
        receipted_on=filing.receipts.get(receipt_no=filing.receipt_no).issued_on,
        staff=staff_of(place, today),
        plans=plans_of(filing),
        checks=[Visit(row.concluded_on, row.conforms, row.items) for row in checks],
        notices=[Told(timezone.localdate(row.issued_at), row.due_on, row.items) for row in letters],
        today=today,
    )


@pytest.fixture
def varied(institution: Callable[..., Institution], cast: dict[str, Any]) -> list[Institution]:
    """Institutions of every kind an entry is made of; the days on which something ends lie ahead."""
    today, officer = today_here(), cast["reviewer_tinghu"]
    _, national, ended, poor, stops, closes, wrong, twice, barred = places = [institution() for _ in range(9)]
    for place in (national, ended):
        record_filing(place, filing_no=f"BA-{place.pk}", filed_on=date(2026, 1, 5), actor=officer)
    end_registration(ended, step="cancel", reason="自愿注销", terminated_on=today, actor=cast["registrar_tinghu"])
    file_it(poor, cast, serial=1, fees={"fee_full_day": "980", "fee_half_day": "", "prepaid_months": ""})
    Credential.objects.filter(institution=poor, kind="HEALTH").update(valid_to=today + 3 * DAY)
    Post.objects.filter(institution=poor, role="COOK").update(ended_on=today, end_reason="离岗")
    for place, final in ((stops, False), (closes, True)):
        case, later = file_it(place, cast, serial=2 + final), plan(final=final)
        later |= {"from_day": today + 35 * DAY, "until_day": None if final else today + 60 * DAY}
        step = "request_closure" if final else "suspend"
        take_step(case, step, actor=operator_of(place, cast), reason="装修停业", plan=later)
    file_it(wrong, cast, "NONCONFORMING", serial=4)
    file_it(twice, cast, "CANCELLED", serial=5)
    file_it(twice, cast, serial=5)
    file_it(barred, cast, "SUSPENDED", serial=6)
    carer = Post.objects.filter(institution=barred, role="CARER").select_related("person").first()
    assert carer is not None
    PersonBan.objects.create(id_index=carer.person.id_index, since=today + 2 * DAY, basis="判决", case_no="1")
    home = institution(nature="HOME", registered_address="盐城市亭湖区新民社区幸福路8号3幢201室")
    file_it(home, cast, serial=7, basics={"org_form": "HOME"})
    return [*places, home]


def test_read_in_bulk_is_what_is_read_alone(varied: list[Institution], monkeypatch: pytest.MonkeyPatch) -> None:
    """Any of them together, in any order, on any day to come."""
    keys, seen = [place.pk for place in varied], set()

    @drawn(max_examples=40)
    @given(st.lists(st.sampled_from(keys), min_size=1, unique=True), st.sampled_from([0, 1, 2, 3, 4, 34, 35, 61, 400]))
    def agree(chosen: list[int], days: int) -> None:
        day = today_here() + days * DAY
        together = gather_many(chosen, today=day)
        assert sorted(together) == sorted(chosen)
        for pk, sources in together.items():
            mine, alone = columns(sources), columns(read_alone(pk, day))
            assert mine == alone, pk
            seen.add(mine["status"])

    agree()
    assert seen >= {"UNFILED", "FILED", "ENDED", "NONCONFORMING", "SUSPENDED"}
    leaves_what_one_by_one_leaves(varied, monkeypatch)


def leaves_what_one_by_one_leaves(varied: list[Institution], monkeypatch: pytest.MonkeyPatch) -> None:
    """On days that change something."""
    monkeypatch.setattr(daily, "SLICE", 3)
    for days in (4, 36, 400):
        before = dict(PublicEntry.objects.values_list("pk", "version"))
        content = dict(PublicEntry.objects.values_list("pk", "content"))
        with time_machine.travel(timezone.now() + days * DAY):
            changed = daily.refresh_all()
            assert not any(refresh_entry(place.pk) for place in varied), "nothing is left for who looks one by one"
        new = {pk for pk, version in PublicEntry.objects.values_list("pk", "version") if version != before[pk]}
        assert (changed.done, changed.failed) == (len(new), 0) and new
        assert new >= {entry.pk for entry in PublicEntry.objects.all() if entry.content != content[entry.pk]}


@pytest.fixture
def many(institution: Callable[..., Institution], cast: dict[str, Any]) -> list[Institution]:
    """Three hundred with entries, forty of them with an accepted filing and people."""
    pattern = institution()
    case = file_it(pattern, cast)
    day = today_here()
    rows = Institution.objects.bulk_create(
        copied(pattern, uscc=f"91320902TEST{number:06d}", filed_on=day, filing_state="") for number in range(299)
    )
    for number, place in enumerate(rows[:39]):
        other = copied(case, institution=place, no=f"C{number}", receipt_no=f"R{number}")
        other.save()
        for model in (FilingVersion, SiteCheck):
            model.objects.bulk_create(copied(row, filing=other) for row in model.objects.filter(filing=case))
        for model in (Post, Credential, Training):
            model.objects.bulk_create(
                copied(row, institution=place) for row in model.objects.filter(institution=pattern)
            )
        Institution.objects.filter(pk=place.pk).update(filing_state=case.status)
    assert daily.refresh_all() == Tally(done=299)
    return [pattern, *rows]


def copied(row: Any, **different: Any) -> Any:
    """The row once more, with a key of its own and what is `different`."""
    made = copy(row)
    made._state = copy(row._state)
    made._state.adding, made._state.fields_cache = True, {}
    made.pk = None
    for name, value in different.items():
        setattr(made, name, value)
    return made


def test_three_hundred_cost_four_statements_and_no_write(many: list[Institution]) -> None:
    before = list(PublicEntry.objects.order_by("pk").values())
    told = PublicChange.objects.count()
    with CaptureQueriesContext(connection) as seen:
        tally, last = daily.refresh_slice()
    assert (tally, last) == (Tally(), many[-1].pk)
    assert len(seen) <= 4 and all(query["sql"].startswith("SELECT") for query in seen)
    assert list(PublicEntry.objects.order_by("pk").values()) == before and PublicChange.objects.count() == told


@pytest.fixture
def few(institution: Callable[..., Institution], cast: dict[str, Any]) -> list[Institution]:
    """Eight with an entry each, filed in the national system."""
    places = [institution() for _ in range(8)]
    for place in places:
        record_filing(place, filing_no=f"BA-{place.pk}", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    return places


def test_each_is_looked_at_once_in_the_order_of_the_keys(
    few: list[Institution], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(daily, "SLICE", 3)
    monkeypatch.setattr(daily, "gather_many", lambda keys: looked.extend(keys) or gather_many(keys))
    messages = rung(monkeypatch)
    assert looked == sorted(place.pk for place in few)
    assert [after for after, *_ in messages] == looked[2::3] + looked[-1:]
    assert Heartbeat.objects.filter(name="register").exists()
    looked.clear()
    assert rung(monkeypatch) == [] and looked == [], "once a day"


def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The timer rings and every message that follows is worked on; returns them."""
    messages: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "hand_over", lambda task, *arguments: messages.append(arguments))
    tasks.refresh_register()
    for arguments in messages:  # grows as it goes
        tasks.refresh_register(*arguments)
    return messages


def test_one_that_cannot_be_made_out_keeps_back_no_other_and_the_day_is_not_done(
    few: list[Institution], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, *rest = [place.pk for place in few]
    PublicEntry.objects.update(words="")

    def build(sources: Sources) -> dict[str, Any]:
        if sources.institution.pk == broken:
            raise KeyError("an answer nobody expected")
        return columns(sources)

    monkeypatch.setattr(daily, "SLICE", 4)
    with monkeypatch.context() as patched:
        patched.setattr("registry.register.entry.columns", build)
        rung(patched)
    assert set(PublicEntry.objects.exclude(words="").values_list("pk", flat=True)) == set(rest)
    assert not Heartbeat.objects.filter(name="register").exists()
    rung(monkeypatch)
    assert Heartbeat.objects.filter(name="register").exists()


def test_a_run_that_was_lost_starts_again_and_one_of_yesterday_ends(
    few: list[Institution], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "SLICE", 3)
    PublicEntry.objects.update(words="")
    calls: list[Any] = []

    def dies(keys: list[int]) -> Any:
        calls.append(keys)
        if len(calls) == 2:
            raise OperationalError("server closed the connection unexpectedly")
        return gather_many(keys)

    with monkeypatch.context() as patched:
        patched.setattr(daily, "gather_many", dies)
        with pytest.raises(OperationalError):
            rung(patched)
    assert 0 < PublicEntry.objects.exclude(words="").count() < len(few)
    yesterday = today_here() - DAY
    assert tasks.refresh_register(0, 0, yesterday.isoformat()) == {}
    assert not Heartbeat.objects.filter(name="register").exists()
    rung(monkeypatch)
    assert not PublicEntry.objects.filter(words="").exists()
    assert Heartbeat.objects.filter(name="register").exists()


def test_what_somebody_wrote_meanwhile_stays(few: list[Institution], monkeypatch: pytest.MonkeyPatch) -> None:
    """The slice read the old state: who differs is read again under the lock."""
    place = few[1]
    old = gather_many([place.pk])
    Institution.objects.filter(pk=place.pk).update(name="盐城市同时改名托育服务有限公司")
    assert refresh_entry(place.pk)
    entry = PublicEntry.objects.get(pk=place.pk)
    monkeypatch.setattr(daily, "gather_many", lambda keys: old)
    monkeypatch.setattr(daily, "unsaid", lambda sources: {})
    assert daily.refresh_slice()[0] == Tally()
    assert PublicEntry.objects.get(pk=place.pk).version == entry.version
