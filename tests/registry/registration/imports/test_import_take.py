"""What an import leaves is what single entries leave, row by row; doing it again leaves nothing more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from django.db import connection, connections
from import_tables import as_csv, as_xlsx

from exchange.models import OutboxEvent
from registry.models import ImportJob, Institution
from registry.registration.imports import staging, taking
from registry.registration.imports.jobs import State, check_import, create_import, take_import
from registry.registration.services import change_institution, register_institution, registry_department
from registry.rules.identity import make_id_number
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Duty, Event

pytestmark = pytest.mark.django_db
OWN = {"id", "pgh_id", "pgh_obj_id", "created_at", "updated_at", "pgh_created_at", "at", "recorded_at", "occurred_at", "uid",
       "pgh_context_id", "legal_rep_id_no", "contact_phone", "sealed", "channel", "request_id"}  # fmt: skip


def stripped(row: dict[str, Any], uscc: str, name: str) -> dict[str, Any]:
    """A stored row without what differs between any two institutions."""
    text = orjson.dumps({k: v for k, v in row.items() if k not in OWN}, default=str).decode()
    loaded: dict[str, Any] = orjson.loads(text.replace(uscc, "USCC").replace(name, "NAME"))
    if isinstance(loaded.get("data"), dict):
        for key in ("event", "import", "channel"):
            loaded["data"].pop(key, None)
    return loaded


def footprint(institution: Institution) -> dict[str, Any]:
    """Everything an institution left in the database."""

    def strip(row: dict[str, Any]) -> dict[str, Any]:
        return stripped(row, institution.uscc, institution.name)

    history = institution.events.order_by("pgh_id").values()
    outbox = OutboxEvent.objects.filter(subject=institution.uscc).order_by("id")
    return {
        "row": strip(Institution.objects.filter(pk=institution.pk).values().get()),
        "history": [strip(row) for row in history],
        "outbox": [strip(row) for row in outbox.values()],
        "sealed": [orjson.loads(str(event.sealed)) for event in outbox],
        "acts": [strip(row) for row in Event.objects.of(institution.subject).order_by("id").values()],
        "clocks": [strip(row) for row in Deadline.objects.of(institution.subject).order_by("code").values()],
        "personal": (institution.legal_rep_id_no, institution.contact_phone),
    }


@pytest.mark.parametrize(
    "make", [as_csv, as_xlsx, lambda rows: as_csv(rows, encoding="gb18030"), lambda rows: as_csv(rows, separator=";")]
)
def test_good_rows_go_in(make: Any, upload: Any, registration: Any) -> None:
    rows = [registration() for _ in range(3)]
    job = upload(make(rows))
    assert (job.state, job.rows_total, job.rows_new, job.rows_bad) == (State.CHECKED, 3, 3, 0)
    assert not Institution.objects.exists()
    job = upload(make(rows), take=True)
    assert (job.state, job.rows_new) == (State.DONE, 3)
    stored = Institution.objects.get(uscc=rows[1]["uscc"])
    assert stored.name == rows[1]["name"]
    assert stored.legal_rep_id_no == rows[1]["legal_rep_id_no"]
    assert stored.established_on == date(2025, 3, 3)
    assert stored.valid_to is None
    assert stored.channel == "IMPORT"


def test_import_leaves_what_single_entries_leave(cast: Any, upload: Any, registration: Any) -> None:
    actor = cast["registrar_tinghu"]
    person = {"legal_rep_id_no": registration()["legal_rep_id_no"], "registered_address": "盐城市亭湖区同一路1号"}
    by_hand, by_file = registration(**person), registration(**person)
    single = register_institution(data=by_hand, actor=actor, registry_org=registry_department(actor))
    upload(as_csv([by_file]), take=True)
    batch = Institution.objects.get(uscc=by_file["uscc"])
    assert footprint(batch)["sealed"][0] == {
        "legal_rep_id_no": person["legal_rep_id_no"],
        "contact_phone": "13812341234",
    }

    changes = {"contact_phone": "0515-88881111", "registered_capital": "80", "business_scope": "托育服务；\\家政“x”"}
    change_institution(single, changes={**changes, "name": "盐城市改名托育服务有限公司"}, actor=actor)
    upload(as_csv([{**by_file, **changes, "name": "盐城市改名托育服务有限公司"}]), take=True)
    single.refresh_from_db()
    batch.refresh_from_db()
    assert batch.former_names == [by_file["name"]]
    # The old names differ from row to row by their number only.
    left, right = footprint(single), footprint(batch)
    for part in left:
        one = (
            orjson.dumps(left[part], default=str)
            .decode()
            .replace(by_hand["name"], "OLD")
            .replace(single.name_pinyin, "P")
        )
        two = (
            orjson.dumps(right[part], default=str)
            .decode()
            .replace(by_file["name"], "OLD")
            .replace(batch.name_pinyin, "P")
        )
        assert one == two, part


def test_the_same_file_again_makes_nothing(upload: Any, registration: Any) -> None:
    rows = [registration() for _ in range(4)]
    upload(as_csv(rows), take=True)
    before = (Institution.objects.count(), OutboxEvent.objects.count(), Deadline.objects.count())
    acts = Event.objects.filter(action__startswith="registration.").count()
    history = Institution.pgh_event_model.objects.count()
    again = upload(as_csv(rows), take=True)
    assert (again.rows_new, again.rows_changed, again.rows_same, again.rows_bad) == (0, 0, 4, 0)
    assert (Institution.objects.count(), OutboxEvent.objects.count(), Deadline.objects.count()) == before
    assert Event.objects.filter(action__startswith="registration.").count() == acts
    assert Institution.pgh_event_model.objects.count() == history


def test_taking_twice_is_taking_once(cast: Any, upload: Any, registration: Any) -> None:
    job = upload(as_csv([registration()]))
    take_import(job.pk, actor=cast["registrar_tinghu"])
    again = take_import(job.pk, actor=cast["registrar_tinghu"])
    assert again.state == State.DONE
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "盐城市新名托育服务有限公司"), ("contact_phone", "13900001111"), ("valid_to", "2099-01-01"),
     ("registered_capital", "50.5"), ("legal_rep_id_no", "11010519491231002X"), ("town_code", "320902002")],
)  # fmt: skip
def test_a_changed_field_is_a_new_version(upload: Any, registration: Any, field: str, value: str) -> None:
    rows = [registration() for _ in range(3)]
    upload(as_csv(rows), take=True)
    rows[1][field] = value
    job = upload(as_csv(rows), take=True)
    assert (job.rows_new, job.rows_changed, job.rows_same) == (0, 1, 2)
    stored = Institution.objects.get(uscc=rows[1]["uscc"])
    assert stored.record_version == 2
    events = OutboxEvent.objects.filter(subject=stored.uscc).order_by("id")
    assert [(e.type, e.version) for e in events] == [("registration.recorded", 1), ("registration.changed", 2)]
    act = Event.objects.of(stored.subject).first()
    assert act is not None
    assert act.data["changed"] == [field]
    assert stored.events.count() == 2


def test_warnings_are_kept_with_the_record(upload: Any, registration: Any, found: Any) -> None:
    row = registration(name="盐城市小雨点早教服务有限公司")
    job = upload(as_csv([row]), take=True)
    assert (job.rows_new, job.rows_warned, job.rows_bad) == (1, 1, 0)
    stored = Institution.objects.get(uscc=row["uscc"])
    assert [w["code"] for w in stored.warnings] == ["REG-106"]
    assert found(job) == {2: ["REG-106"]}


def test_rows_of_another_authority_and_ended_rows_stay_out(
    cast: Any, upload: Any, registration: Any, institution: Any, elsewhere: Any, found: Any
) -> None:
    from registry.registration.services import end_registration

    mine = registration()
    ended = institution(**mine)
    end_registration(
        ended, step="cancel", reason="申请注销", terminated_on=date(2026, 1, 5), actor=cast["registrar_tinghu"]
    )
    taken = registration()
    other = institution(**taken)
    Institution.objects.filter(pk=other.pk).update(registry_org="320900-MARKET")
    job = upload(as_csv([{**mine, "name": "盐城市新名托育"}, {**taken, "name": "盐城市新名托育"}]), take=True)
    assert found(job) == {2: ["REG-505"], 3: ["REG-561"]}
    assert job.rows_bad == 2
    assert Institution.objects.get(pk=other.pk).record_version == 1


def test_an_error_in_the_middle_leaves_nothing(
    cast: Any, upload: Any, registration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "CHUNK", 2)
    rows = [registration() for _ in range(7)]
    job = upload(as_csv(rows))
    write, calls = staging.Stage.write, []

    def breaks(self: Any, *arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the power went")
        return write(self, *arguments, **options)

    monkeypatch.setattr(staging.Stage, "write", breaks)
    with pytest.raises(RuntimeError):
        take_import(job.pk, actor=cast["registrar_tinghu"])
    assert not Institution.objects.exists()
    assert not OutboxEvent.objects.exists()
    assert not Deadline.objects.exists()
    monkeypatch.setattr(staging.Stage, "write", write)
    done = take_import(job.pk, actor=cast["registrar_tinghu"])
    assert (done.rows_new, Institution.objects.count(), OutboxEvent.objects.count()) == (7, 7, 7)


def test_chunks_are_seamless(upload: Any, registration: Any, monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """Many small chunks, good and bad rows mixed, a duplicate across chunks: every row ends where it belongs."""
    monkeypatch.setattr(taking, "CHUNK", 3)
    rows = [registration() for _ in range(20)]
    rows[4]["legal_rep_name"] = ""
    rows[11]["uscc"] = rows[2]["uscc"]
    job = upload(as_csv(rows), take=True)
    assert (job.rows_total, job.rows_new, job.rows_bad) == (20, 18, 2)
    assert found(job) == {6: ["REG-201"], 13: ["REG-509"]}
    assert Institution.objects.count() == OutboxEvent.objects.count() == 18
    assert Deadline.objects.count() == 36


@pytest.mark.django_db(transaction=True)
def test_two_takes_at_once_have_one_effect(cast: Any, registration: Any) -> None:
    actor = cast["registrar_tinghu"]
    department = registry_department(actor)
    rows = [registration() for _ in range(30)]
    jobs = []
    for extra in range(2):  # two different files with the same institutions
        job = create_import(
            uploaded=as_csv([*rows, registration()] if extra else rows), actor=actor, department=department
        )
        check_import(job.pk)
        jobs.append(job)
    start, errors = threading.Barrier(2), []

    def take(job: ImportJob) -> None:
        try:
            start.wait(10)
            take_import(job.pk, actor=actor)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert Institution.objects.count() == 31
    assert OutboxEvent.objects.count() == 31
    assert set(Institution.objects.values_list("record_version", flat=True)) == {1}
    for job in jobs:
        job.refresh_from_db()
        assert job.state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_registration_made_meanwhile_is_not_doubled(
    cast: Any, registration: Any, monkeypatch: pytest.MonkeyPatch, found: Callable[..., Any]
) -> None:
    """Between the look-up and the write a colleague registers one of the rows by hand."""
    actor = cast["registrar_tinghu"]
    department = registry_department(actor)
    rows = [registration() for _ in range(3)]
    job = create_import(uploaded=as_csv(rows), actor=actor, department=department)
    check_import(job.pk)
    write = staging.Stage.write

    def colleague() -> None:
        register_institution(data=rows[1], actor=actor, registry_org=department)
        connection.close()

    def meanwhile(self: Any, *arguments: Any, **options: Any) -> Any:
        other = threading.Thread(target=colleague)
        other.start()
        other.join(10)
        return write(self, *arguments, **options)

    monkeypatch.setattr(staging.Stage, "write", meanwhile)
    done = take_import(job.pk, actor=actor)
    assert (done.rows_new, done.rows_bad) == (2, 1)
    assert found(done) == {3: ["REG-501"]}
    assert Institution.objects.count() == OutboxEvent.objects.count() == 3


def test_a_table_that_changes_the_representative_asks_who_acts_now(upload, registration, cast):
    rows = [registration(), registration()]
    upload(as_csv(rows), take=True)
    first, second = (Institution.objects.get(uscc=row["uscc"]) for row in rows)
    for place in (first, second):
        Duty.objects.create(
            user=cast["operator_yangguang"], role="OPERATOR", uscc=place.uscc, valid_from=today_here(), opened_by="x"
        )
    number = make_id_number("320902", date(1970, 1, 2), 21)
    upload(as_csv([rows[0] | {"legal_rep_id_no": number}, rows[1] | {"contact_phone": "0515-88881111"}]), take=True)
    asked = Deadline.objects.running().filter(code="DL-OPERATORS").values_list("subject", flat=True)
    assert list(asked) == [first.subject]
