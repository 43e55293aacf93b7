"""Sets the stage of a crash run: schema, reference data, two endpoints, one API key. Runs as `python -m tests.chaos.stage`.

Reads what to set up from a JSON line on standard input and writes `stage.json` into the run's folder, for receivers and
writers. With `subscribe` false nothing is subscribed: the naive variant sends by itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django

DEPARTMENTS = {"health": "320902-HEALTH", "police": "320902-POLICE"}
REGISTRAR = "registrar_tinghu"
EVENTS = ("registration.recorded", "registration.changed", "registration.cancelled", "registration.revoked")


def main() -> None:
    """Prepare the database named by DATABASE_URL. Raises RuntimeError when it would not keep what it acknowledged."""
    plan: dict[str, Any] = json.loads(sys.stdin.readline())
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.urls import NoReverseMatch, reverse

    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] != "on":
                raise RuntimeError(f"{name} is off: this run would prove nothing")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", verbosity=0)
    endpoints = {name: _endpoint(name, port, plan) for name, port in plan["ports"].items()}
    try:
        api = bool(reverse("api:registrations") and reverse("api:registration", args=["X"]))
    except NoReverseMatch:
        api = False
    stage = {**plan, "endpoints": endpoints, "api": api, "key": _key()}
    draft = Path(plan["folder"]) / "stage.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(stage))
    draft.rename(Path(plan["folder"]) / "stage.json")


def _key() -> str:
    from exchange.clients import issue_key
    from registry.demo.accounts import create_accounts

    user = create_accounts(password="not-used-in-this-run")[REGISTRAR]
    return issue_key(user=user, name="crash run", actor=None)[1]


def _endpoint(name: str, port: int, plan: dict[str, Any]) -> dict[str, Any]:
    from exchange.models import AllowedTarget, Endpoint, Subscription
    from exchange.signatures import new_secret

    department, secret = DEPARTMENTS[name], new_secret()
    AllowedTarget.objects.create(
        department_id=department, host="127.0.0.1", cidr="127.0.0.0/8", port=port, plain_http=True, reason="crash run"
    )
    endpoint = Endpoint.objects.create(
        department_id=department,
        name=f"crash run {name}",
        url=f"http://127.0.0.1:{port}/hook",
        secret=secret,
        timeout_seconds=plan["timeout"],
        grants=["legal_rep_id_no"] if name == "police" else [],
    )
    for event_type in EVENTS if plan["subscribe"] else ():
        Subscription.objects.create(endpoint=endpoint, region_id="320902", event_type=event_type)
    return {"id": str(endpoint.pk), "port": port, "secret": secret, "timeout": plan["timeout"]}


if __name__ == "__main__":
    main()
