"""Works as the portal's role in a database that belongs to another role: a process of its own, see test_two_roles."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import Error, connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from import_tables import as_csv  # noqa: E402

from exchange.fan_out import fan_out  # noqa: E402
from exchange.models import OutboxEvent  # noqa: E402
from registry.demo.accounts import create_accounts  # noqa: E402
from registry.models import Institution  # noqa: E402
from registry.registration.imports.jobs import check_import, create_import, take_import  # noqa: E402
from registry.registration.services import change_institution, register_institution, registry_department  # noqa: E402
from registry.rules.identity import make_id_number  # noqa: E402
from registry.rules.uscc import make_uscc  # noqa: E402
from yancheng_childcare.append_only import append_only_tables, tables_that_keep_rows  # noqa: E402
from yancheng_childcare.models import Event  # noqa: E402
from yancheng_childcare.seals.sealing import seal_new_rows  # noqa: E402
from yancheng_childcare.seals.verifying import verify  # noqa: E402


def registration(number: int) -> dict[str, Any]:
    """A valid registration of 亭湖区."""
    return {
        "uscc": make_uscc("91", "320902", number),
        "name": f"盐城市角色{number}号托育服务有限公司",
        "nature": "FORPROFIT",
        "registered_address": f"盐城市亭湖区试验路{number}号",
        "region_code": "320902",
        "town_code": "320902001",
        "legal_rep_name": "张试验",
        "legal_rep_id_no": make_id_number("320902", date(1985, 6, 1), number),
        "contact_phone": "13812341234",
        "registered_capital": "50",
        "capital_kind": "REGISTERED",
        "business_scope": "托育服务",
        "purpose": "",
        "supervising_unit": "",
        "established_on": "2025-03-03",
        "approved_on": "2025-03-05",
        "valid_from": "2025-03-03",
        "valid_to": None,
    }


def work() -> dict[str, Any]:
    """The portal's daily writes: reference data, accounts, an entry, a change, an import, fan-out, sign-in, sealing."""
    call_command("load_reference", verbosity=0, stdout=open(os.devnull, "w"))
    people = create_accounts(password="not-used-in-this-run")
    registrar = people["registrar_tinghu"]
    department = registry_department(registrar)
    one = register_institution(data=registration(1), actor=registrar, registry_org=department)
    change_institution(
        institution=one, changes={"contact_phone": "13912341234"}, actor=registrar, expected_version=one.record_version
    )
    job = create_import(uploaded=as_csv([registration(2), registration(3)]), actor=registrar, department=department)
    take_import(check_import(job.pk).pk, actor=registrar)
    fan_out()
    client = Client()
    client.force_login(registrar, backend="yancheng_childcare.accounts.signin.PortalBackend")
    page = client.get("/desk/", follow=True).status_code
    seal_new_rows()
    report = verify()
    return {
        "institutions": Institution.objects.count(),
        "histories": Institution.pgh_event_model.objects.count(),  # type: ignore[attr-defined]
        "fanned_out": OutboxEvent.objects.exclude(position=None).count(),
        "page": page,
        "sealed": sum(result.compared for result in report.tables.values()),
        "ok": report.ok,
    }


def attacks() -> dict[str, bool]:
    """Statement → whether the database carried it out."""
    number, switch = Event.objects.values_list("pk", flat=True)[0], "SELECT set_config('pgtrigger.ignore', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname) FROM pg_trigger WHERE tgname LIKE 'pgtrigger%%'")
        every = "{" + ",".join(cursor.fetchone()[0]) + "}"
    event = "yancheng_childcare_event"
    statements = {
        "own switch": f"UPDATE {event} SET summary = 'TAMPERED' WHERE id = {number}",
        "session_replication_role": "SET session_replication_role = replica",
        "disable trigger": f"ALTER TABLE {event} DISABLE TRIGGER ALL",
        "drop trigger": f"DROP TRIGGER pgtrigger_append_only_03d35 ON {event}",
        "become owner": f"ALTER TABLE {event} OWNER TO current_user",
        "replace the switch": "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME)"
        " RETURNS BOOLEAN AS 'BEGIN RETURN true; END' LANGUAGE plpgsql",
        "create a function": "CREATE FUNCTION public.mine() RETURNS int AS 'SELECT 1' LANGUAGE sql",
        "take a role": "SET ROLE " + os.environ["OWNER_ROLE"],
        "grant oneself": f"GRANT UPDATE ON {event} TO current_user; UPDATE {event} SET summary = 'TAMPERED'",
        "forge a fingerprint": "INSERT INTO yancheng_childcare_keyfingerprint (name, fingerprint) VALUES ('x', 'y')",
        "rewrite the outbox": "UPDATE exchange_outboxevent SET position = position, data = '{}'",
        **{
            f"update {name}": f'UPDATE "{name}" SET {table.key} = {table.key}'
            for name, table in append_only_tables().items()
        },
        **{f"delete {name}": f'DELETE FROM "{name}"' for name in (*append_only_tables(), *tables_that_keep_rows())},
        **{f"truncate {name}": f'TRUNCATE "{name}" CASCADE' for name in append_only_tables()},
    }
    done = {}
    for name, statement in statements.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(switch, [every])
            try:
                with transaction.atomic():
                    cursor.execute(statement)
                done[name] = True
            except Error:
                done[name] = False
            transaction.set_rollback(True)
    return done


def silent_change() -> int:
    """History rows that a change leaves although every trigger was told to rest."""
    history = Institution.pgh_event_model  # type: ignore[attr-defined]
    before = history.objects.count()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', '{' || string_agg(tgname, ',') || '}', true)"
            " FROM pg_trigger WHERE tgname LIKE 'pgtrigger%%'"
        )
        cursor.execute("UPDATE registry_institution SET name = name || '改'")
    return int(history.objects.count() - before)


if __name__ == "__main__":
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], ALLOWED_HOSTS=["*"]):
        print(json.dumps({"work": work(), "attacks": attacks(), "silent_change": silent_change()}))
