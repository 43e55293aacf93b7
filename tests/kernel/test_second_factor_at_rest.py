"""A copy of the database holds no seed of a second factor, and a seed opens only in the row it was made for."""

from __future__ import annotations

import io
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from tests.conftest import PASSWORD
from yancheng_childcare import crypto
from yancheng_childcare.accounts.second_factor import SEEDS, rotate_second_factors
from yancheng_childcare.crypto import is_token
from yancheng_childcare.models import KeyFingerprint

pytestmark = pytest.mark.django_db
KEYS = {"k1": "k1:MDEyMzQ1Njc4OWFiY2RlZg==", "k2": "k2:ZmVkY2JhOTg3NjU0MzIxMA=="}


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def stored() -> dict[int, dict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, data::text FROM mfa_authenticator ORDER BY id")
        return {pk: json.loads(text) for pk, text in cursor.fetchall()}


def activate(user, secret: str = "") -> tuple[str, list[str]]:
    secret = secret or generate_totp_secret()
    TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).generate_codes()


def dump_of(*tables: str) -> str:
    found = []
    with connection.cursor() as cursor:
        for table in tables or connection.introspection.table_names():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{table}\" t")
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


def test_nothing_readable_stands_in_the_table(cast):
    """The canary is what the page itself shows, set up as a person does it."""
    client = Client()
    client.post("/accounts/login/", {"login": "auditor_city", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)[1]
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    codes = re.findall(r"^\d{8}$", client.get("/accounts/2fa/recovery-codes/").content.decode(), re.MULTILINE)
    assert len(codes) >= 9
    rows = stored()
    assert len(rows) == 2
    for data in rows.values():
        seeds = [data[name] for name in SEEDS if name in data]
        assert len(seeds) == 1 and is_token(seeds[0])
    everything = dump_of()
    assert secret not in everything
    assert not [code for code in codes if code in dump_of("mfa_authenticator", "yancheng_childcare_event")]


def test_the_seed_of_one_person_does_not_open_for_another(cast):
    secret, _ = activate(cast["auditor_city"])
    activate(cast["police_tinghu"])
    rows = {row.user_id: row.pk for row in Authenticator.objects.filter(type="totp")}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mfa_authenticator SET data = (SELECT data FROM mfa_authenticator WHERE id = %s) WHERE id = %s",
            [rows[cast["auditor_city"].pk], rows[cast["police_tinghu"].pk]],
        )
    client = Client()
    client.post("/accounts/login/", {"login": "police_tinghu", "password": PASSWORD})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer.status_code == 409
    assert "两步验证信息无法读取" in answer.content.decode() and "ACC-500" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    # the rightful owner still signs in
    owner = Client()
    owner.post("/accounts/login/", {"login": "auditor_city", "password": PASSWORD})
    owner.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert owner.session["_auth_user_id"] == str(cast["auditor_city"].pk)


def test_a_seed_written_in_clear_past_the_portal_is_not_taken(cast):
    activate(cast["auditor_city"])
    secret = generate_totp_secret()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mfa_authenticator SET data = %s WHERE type = 'totp'", [json.dumps({"secret": secret})])
    client = Client()
    client.post("/accounts/login/", {"login": "auditor_city", "password": PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 409
    assert "_auth_user_id" not in client.session


def test_using_a_recovery_code_keeps_the_seed(cast):
    _, codes = activate(cast["auditor_city"])
    client = Client()
    client.post("/accounts/login/", {"login": "auditor_city", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": codes[3]})
    assert client.session["_auth_user_id"] == str(cast["auditor_city"].pk)
    row = Authenticator.objects.get(user=cast["auditor_city"], type="recovery_codes")
    assert row.wrap().get_unused_codes() == [*codes[:3], *codes[4:]]
    assert all(is_token(data[name]) for data in stored().values() for name in SEEDS if name in data)


def test_rotate_keys_seals_the_seeds_with_the_new_key(cast, settings):
    settings.FIELD_KEYS = [KEYS["k1"]]
    secret, codes = activate(cast["auditor_city"])
    settings.FIELD_KEYS = [KEYS["k2"], KEYS["k1"]]
    KeyFingerprint.objects.all().delete()  # a database of its own, made with these keys
    call_command("rotate_keys", verbosity=0)
    assert {data[name].split(".")[1] for data in stored().values() for name in SEEDS if name in data} == {"k2"}
    settings.FIELD_KEYS = [KEYS["k2"]]
    rows = {row.type: row.wrap() for row in Authenticator.objects.all()}
    assert rows["totp"].validate_code(code_of(secret))
    assert rows["recovery_codes"].generate_codes() == codes
    assert rotate_second_factors().rotated == 0


def test_rotation_lists_what_it_cannot_read_and_leaves_it(cast, settings):
    settings.FIELD_KEYS = [KEYS["k1"]]
    activate(cast["auditor_city"])
    before = stored()
    settings.FIELD_KEYS = [KEYS["k2"]]
    assert sorted(rotate_second_factors().unreadable) == sorted(before)
    assert stored() == before


def test_rotation_seals_what_an_older_release_left_in_clear(cast):
    secret, _ = activate(cast["auditor_city"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mfa_authenticator SET data = %s WHERE type = 'totp'", [json.dumps({"secret": secret})])
    assert rotate_second_factors().rotated == 1
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of(secret))
    assert secret not in dump_of("mfa_authenticator")


def test_the_label_names_row_and_purpose():
    assert crypto.decrypt(crypto.encrypt("x", "a"), "a") == "x"
    with pytest.raises(crypto.DecryptionFailed):
        crypto.decrypt(crypto.encrypt("x", "mfa.authenticator:1:totp"), "mfa.authenticator:1:recovery_codes")


def test_verify_counts_the_seeds_no_key_opens(cast, settings):
    settings.FIELD_KEYS = [KEYS["k1"]]
    activate(cast["chief_tinghu"])
    out = io.StringIO()
    call_command("rotate_keys", "--verify", stdout=out)
    assert "mfa_authenticator.data：解开 2 条\n" in out.getvalue()
    settings.FIELD_KEYS = [KEYS["k2"]]
    with pytest.raises(CommandError, match="解开"):
        call_command("rotate_keys", "--verify", stdout=out)
    assert re.search(r"mfa_authenticator.data：解开 0 条，2 条解不开，首条编号 \d+", out.getvalue())
