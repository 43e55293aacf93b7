"""Whoever rules the database changes what is append-only: `verify_events` names the row, every time (security.md M7)."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from exchange.models import OutboxEvent
from registry.models.public import PublicChange
from yancheng_childcare.append_only import AppendOnlyTable, sealed_tables
from yancheng_childcare.crypto import encrypt, rotate_keys
from yancheng_childcare.management.commands.verify_events import words
from yancheng_childcare.models import Seal
from yancheng_childcare.seals import rows, verifying
from yancheng_childcare.seals.chain import from_row, sealed, to_row
from yancheng_childcare.seals.sealing import ChainBroken, seal_new_rows
from yancheng_childcare.seals.verifying import Kind, verify

from .sealed_rows import change_one, copy_as, fill, ids, superuser

Named = set[tuple[Kind, str, int]]
GUESSED = base64.b64encode(b"the attacker does not have it...").decode()


@pytest.fixture(autouse=True)
def _copies(settings: Any, tmp_path: Path) -> None:
    settings.SEAL_ROOT = tmp_path / "seals"


def filled(rounds: int = 3, count: int = 12, seed: int = 1) -> None:
    """Every table with rows, sealed in several seals each."""
    rng = random.Random(seed)
    for _ in range(rounds):
        fill(count, rng)
        seal_new_rows(patience=0)


def named() -> Named:
    """What verify finds in rows."""
    report = verify()
    return {(f.kind, f.table, f.number or 0) for result in report.tables.values() for f in result.first()}


# --- what a superuser may do; each returns what must be named --------------------------------------------------------
def update(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    number = rng.choice(ids(cursor, table))
    change_one(cursor, table, rng, number)
    return {(Kind.CHANGED, table.name, number)}


def delete(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    number = rng.choice(ids(cursor, table))
    cursor.execute(f'DELETE FROM "{table.name}" WHERE "{table.key}" = %s', [number])
    return {(Kind.MISSING, table.name, number)}


def insert(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    present = ids(cursor, table)
    free = [number for number in range(present[0] - 3, present[-1]) if number not in set(present)]
    number = rng.choice([*free, present[-1] + 1_000])
    copy_as(cursor, table, rng.choice(present), number)
    return {(Kind.INSERTED, table.name, number)}


def swap(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    one, other = rng.sample(ids(cursor, table), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        cursor.execute(f'UPDATE "{table.name}" SET "{table.key}" = %s WHERE "{table.key}" = %s', [new, old])
    return {(Kind.CHANGED, table.name, one), (Kind.CHANGED, table.name, other)}


def cut_tail(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    """The last rows go, and every seal that knew of them."""
    present = ids(cursor, table)
    first = rng.choice(present[-15:])
    cursor.execute(f'DELETE FROM "{table.name}" WHERE "{table.key}" >= %s', [first])
    cursor.execute(
        "DELETE FROM yancheng_childcare_seal WHERE number >="
        ' (SELECT min(number) FROM yancheng_childcare_seal WHERE "table" = %s AND last_id >= %s)',
        [table.name, first],
    )
    return {(Kind.MISSING, table.name, first)}


def hash_again(cursor: Any, table: AppendOnlyTable, rng: random.Random) -> Named:
    """A row is changed, its digest and every digest beside it made anew, and all heads from there on."""
    number = rng.choice(ids(cursor, table))
    change_one(cursor, table, rng, number)
    begin = Seal.objects.filter(table=table.name, last_id__gte=number).order_by("number")[0].number
    with override_settings(SEAL_KEY=GUESSED):
        previous = Seal.objects.filter(number=begin - 1).values_list("head", flat=True).first() or ""
        for row in Seal.objects.filter(number__gte=begin).order_by("number"):
            record = from_row(row)
            rows.pin_formats(cursor)
            reader = rows.RowReader(sealed_tables()[record.table], record.columns)
            found = list(reader.read(cursor, record.after_id, record.last_id))
            changes = {"digests": b"".join(digest for _, digest in found), "previous": previous}
            forged = sealed(replace(record, **changes))
            content = to_row(forged)
            cursor.execute(
                "UPDATE yancheng_childcare_seal SET digests = %s, previous = %s, head = %s WHERE number = %s",
                [content.digests, content.previous, content.head, content.number],
            )
            previous = forged.head
    return {(Kind.CHANGED, table.name, number)}


KINDS: list[Callable[[Any, AppendOnlyTable, random.Random], Named]] = [
    update, delete, insert, swap, cut_tail, hash_again,
]  # fmt: skip


def attack(kind: Callable[..., Named], table: AppendOnlyTable, rng: random.Random) -> tuple[Named, Named]:
    """(what must be named, what was): the change is taken back afterwards."""
    with transaction.atomic():
        with superuser() as cursor:
            wanted = kind(cursor, table, rng)
        found = named()
        transaction.set_rollback(True)
    return wanted, found


@pytest.mark.slow
@pytest.mark.django_db
def test_every_falsified_row_is_named() -> None:
    filled()
    rng = random.Random(20261130)
    tables = list(sealed_tables().values())
    assert len(tables) >= 24 and named() == set()
    plan = [(kind, table) for kind in KINDS for table in tables]
    plan += [(rng.choice(KINDS), rng.choice(tables)) for _ in range(200 - len(plan))]
    unnamed = []
    for kind, table in plan:
        wanted, found = attack(kind, table, rng)
        if kind is cut_tail:
            lowest = min(
                (entry for entry in found if entry[0] is Kind.MISSING and entry[1] == table.name), default=None
            )
            good = wanted == {lowest}
        else:
            # Nothing else is accused: a falsified row does not throw suspicion on its neighbours.
            good = wanted == found
        if not good:
            unnamed.append((kind.__name__, table.name, wanted, sorted(found)[:5]))
    assert len(plan) >= 200 and not unnamed
    assert named() == set()


@pytest.mark.django_db
def test_control_without_digests_changed_rows_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: with the comparison of digests put out of action no change is seen."""
    monkeypatch.setattr(rows.RowReader, "digest", lambda self, line: b"\0" * rows.DIGEST_BYTES)
    filled(rounds=1, count=4)
    rng = random.Random(2)
    results = [attack(update, table, rng) for table in sealed_tables().values()]
    assert all(not found for _, found in results)


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_honest_rows_raise_no_alarm() -> None:
    filled(rounds=4, count=130, seed=3)
    report = verify()
    assert report.ok
    assert sum(result.compared for result in report.tables.values()) >= 10_000
    assert sum(result.unsealed for result in report.tables.values()) == 0


@pytest.mark.django_db
def test_the_command_names_the_row_and_fails(cast: dict[str, Any]) -> None:
    filled(rounds=1, count=5)
    out = io.StringIO()
    call_command("verify_events", stdout=out)
    assert "无异常" in out.getvalue() and "尚未封存的 0 行" in out.getvalue()
    table = sealed_tables()["yancheng_childcare_event"]
    with superuser() as cursor:
        number = ids(cursor, table)[2]
        cursor.execute("UPDATE yancheng_childcare_event SET summary = 'TAMPERED' WHERE id = %s", [number])
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify_events", stdout=out)
    assert f"表 yancheng_childcare_event 编号 {number} 的记录被修改" in out.getvalue()


@pytest.mark.django_db
def test_what_is_not_yet_sealed_is_counted_and_said() -> None:
    filled(rounds=1, count=3)
    fill(4, random.Random(9))
    report = verify()
    assert report.ok
    assert all(result.unsealed >= 2 for result in report.tables.values())


@pytest.mark.parametrize(
    "done", ["DELETE FROM yancheng_childcare_seal", "UPDATE yancheng_childcare_seal SET head = reverse(head)"]
)
@pytest.mark.django_db
def test_a_cut_or_rewritten_chain_is_not_gone_on_with(done: str) -> None:
    filled(rounds=2, count=3)
    with superuser() as cursor:
        cursor.execute(f"{done} WHERE number = (SELECT max(number) FROM yancheng_childcare_seal)")
    fill(2, random.Random(5))
    with pytest.raises(ChainBroken):
        seal_new_rows(patience=0)


@pytest.mark.django_db
def test_a_rewritten_copy_outside_is_named(settings: Any) -> None:
    filled(rounds=1, count=3)
    (path,) = Path(settings.SEAL_ROOT).glob("*.jsonl")
    lines = path.read_text().splitlines()
    lines[3] = lines[3].replace('"last_id":', '"last_id":1')
    path.write_text("\n".join(lines) + "\n")
    assert [finding.kind for finding in verify().chain] == [Kind.COPY_CHANGED]


@pytest.mark.django_db
def test_half_a_line_left_by_a_crash_is_written_again(settings: Any) -> None:
    filled(rounds=1, count=3)
    (path,) = Path(settings.SEAL_ROOT).glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-100])
    assert verify().ok
    seal_new_rows(patience=0)
    assert len(path.read_text().splitlines()) == Seal.objects.count()
    assert verify().ok


@pytest.mark.django_db
def test_only_what_was_sealed_since_a_day_is_compared() -> None:
    filled(rounds=1, count=3)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert verify(since=timezone.localdate()).seals == Seal.objects.count()
    later = verify(since=tomorrow)
    assert later.seals == 0 and later.ok
    assert sum(result.unsealed for result in later.tables.values()) == 0


def test_words_stand_for_every_kind() -> None:
    assert all(words(verifying.Finding(kind, "t", 1)) for kind in Kind)


@pytest.mark.django_db
def test_every_table_the_database_protects_is_sealed() -> None:
    """Read from the database, not from the declarations: no protected table is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE tgname LIKE 'pgtrigger_append_only%%'"
        )
        protected = {name for (name,) in cursor.fetchall()}
    assert protected == {*sealed_tables(), "yancheng_childcare_seal"}


@pytest.mark.django_db
def test_a_rotation_of_keys_breaks_no_seal(institution: Any, settings: Any) -> None:
    institution()
    seal_new_rows(patience=0)
    assert verify().tables["exchange_outboxevent"].compared == 1
    new = "k2:" + base64.b64encode(b"a second key k-2").decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    rotated = {done.label: done.rotated for done in rotate_keys()}
    assert rotated["exchange.outbox.sealed"] == 1
    assert verify().ok
    with superuser() as cursor:  # a forger may not use the rotation's way: another text in place of the old one
        cursor.execute("UPDATE exchange_outboxevent SET sealed = %s", [encrypt("{}", "exchange.outbox.sealed")])
    assert named() == {(Kind.CHANGED, "exchange_outboxevent", OutboxEvent.objects.get().pk)}


@pytest.mark.django_db
def test_of_a_public_change_only_the_street_may_be_taken_back(institution: Any) -> None:
    one = institution()
    change = PublicChange.objects.create(
        institution=one, uscc=one.uscc, name=one.name, region=one.region, town=one.town, kind="ADDRESS",
        title="地址变更", detail="某路1号", occurred_at=timezone.now(),
    )  # fmt: skip
    seal_new_rows(patience=0)
    PublicChange.objects.filter(pk=change.pk).update(detail="")
    assert verify().ok
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        PublicChange.objects.filter(pk=change.pk).update(detail="", title="改写")
