"""Fills the stage's own database: the cast, one institution, a session, a key. Prints what a client needs as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from exchange.clients import issue_key
    from registry.demo.accounts import ACCOUNTS, create_accounts
    from yancheng_childcare.accounts.sessions import SEEN_AT, SIGNED_IN_AT
    from yancheng_childcare.models import Heartbeat, Region, User

    if not Region.objects.exists():
        call_command("load_reference", verbosity=0, stdout=sys.stderr)
    names = [account.username for account in ACCOUNTS]
    users = User.objects.in_bulk(names, field_name="username")
    if len(users) < len(names):
        users = create_accounts(password="yancheng-demo-2026")
    registrar = users["registrar_tinghu"]
    session = SessionStore()
    session["_auth_user_id"] = str(registrar.pk)
    session["_auth_user_backend"] = "yancheng_childcare.accounts.signin.PortalBackend"
    session["_auth_user_hash"] = registrar.get_session_auth_hash()
    session[SIGNED_IN_AT] = session[SEEN_AT] = int(time.time())
    session.save()
    _, key = issue_key(user=registrar, name="faults", actor=None)
    if len(sys.argv) > 1 and int(sys.argv[1]):
        from tests.exchange.push_stage import make_endpoint

        make_endpoint(int(sys.argv[1]))
    Heartbeat.objects.all().delete()
    print(json.dumps({"session": session.session_key, "cookie": settings.SESSION_COOKIE_NAME, "key": key,
                      "today": date.today().isoformat()}))  # fmt: skip


if __name__ == "__main__":
    main()
