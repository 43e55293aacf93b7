"""How often a password or a code may be tried: exactly, without Redis, and without shutting out whose account it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from tests.conftest import PASSWORD
from yancheng_childcare import limits
from yancheng_childcare.accounts import signin_limits
from yancheng_childcare.accounts.signin_limits import account_mark, begin_attempt, failures_of
from yancheng_childcare.limits import Limit, count, give_back, purge_counts
from yancheng_childcare.models import Event, LimitCount

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
OPERATOR = "operator_yangguang"


def sign_in(client: Client, name: str = OPERATOR, password: str = PASSWORD) -> int:
    return int(client.post(LOGIN, {"login": name, "password": password}).status_code)


def fail(client: Client, name: str = OPERATOR, times: int = 1) -> list[int]:
    return [sign_in(client, name, "wrong-password") for _ in range(times)]


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address)


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise RedisDown

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCacheClient.get_client", down)


@pytest.mark.usefixtures("cast", "no_redis")
def test_without_redis_the_sixth_wrong_password_is_refused_and_the_right_one_too() -> None:
    """security.md M1: 30 wrong passwords, none blocked."""
    client = at("198.51.100.7")
    assert fail(client, times=7) == [200] * 5 + [429] * 2
    assert sign_in(client) == 429


@pytest.mark.usefixtures("cast")
def test_the_page_says_in_chinese_when_to_come_back() -> None:
    client = at("198.51.100.7")
    fail(client, times=5)
    refused = client.post(LOGIN, {"login": OPERATOR, "password": PASSWORD})
    text = refused.content.decode()
    assert refused.status_code == 429 and 1 <= int(refused.headers["Retry-After"]) <= 300
    assert "密码输错的次数过多" in text and "忘记密码请联系本单位管理员" in text and "GEN-429" in text


@pytest.mark.usefixtures("cast")
def test_nobody_shuts_a_person_out_of_an_account_from_elsewhere() -> None:
    """security.md M2: 5 wrong passwords from anywhere closed the account to everybody."""
    fail(at("198.51.100.7"), times=6)
    assert sign_in(at("203.0.113.9")) == 302


@pytest.mark.usefixtures("cast")
def test_many_addresses_together_are_stopped_and_a_known_browser_still_gets_in(monkeypatch: Any) -> None:
    monkeypatch.setattr(signin_limits, "TRIES_AN_HOUR", 12)
    desk = at("203.0.113.9")
    assert sign_in(desk) == 302
    desk.post("/accounts/logout/")
    for n in range(4):
        fail(at(f"198.51.100.{n}"), times=3)
    assert sign_in(at("203.0.113.10")) == 429, "an unknown browser waits"
    assert sign_in(desk) == 302, "the browser at the desk does not"
    assert sign_in(at("203.0.113.10"), "police_tinghu") == 302, "nor does another account"


@pytest.mark.usefixtures("cast")
def test_in_one_building_a_known_browser_gets_in_although_somebody_tries_everything(monkeypatch: Any) -> None:
    monkeypatch.setattr(signin_limits, "ADDRESS_TRIES", 10)
    desk = at("203.0.113.9")
    sign_in(desk)
    desk.post("/accounts/logout/")
    neighbour = at("203.0.113.9")
    fail(neighbour, OPERATOR, 5)
    for n in range(10):
        fail(neighbour, f"invented{n}")
    assert sign_in(neighbour, "police_tinghu") == 429
    assert sign_in(desk) == 302


@pytest.mark.usefixtures("cast")
def test_a_known_browser_has_a_limit_of_its_own(monkeypatch: Any) -> None:
    monkeypatch.setattr(signin_limits, "TRIES_A_DAY_KNOWN", 7)
    desk = at("203.0.113.9")
    sign_in(desk)
    desk.post("/accounts/logout/")
    assert fail(desk, times=6) == [200] * 5 + [429]
    LimitCount.objects.filter(ends_at__lt=timezone.now() + timedelta(hours=1)).delete()  # the five minutes are over
    assert fail(desk, times=2)[-1] == 429, "and another one for the whole day"


@pytest.mark.usefixtures("cast")
def test_the_cookie_of_one_account_opens_no_limit_of_another() -> None:
    attacker = at("198.51.100.7")
    assert sign_in(attacker, "police_tinghu") == 302
    attacker.post("/accounts/logout/")
    assert fail(attacker, OPERATOR, 6)[-1] == 429
    attacker.cookies["device"] = "W1wiYVwiLFtdXQ:1forged:signature"
    assert fail(attacker, OPERATOR)[-1] == 429


@pytest.mark.usefixtures("cast")
def test_two_people_at_one_desk_are_both_known(monkeypatch: Any) -> None:
    desk = at("203.0.113.9")
    for name in (OPERATOR, "police_tinghu"):
        assert sign_in(desk, name) == 302
        desk.post("/accounts/logout/")
    for name in (OPERATOR, "police_tinghu"):
        fail(at("203.0.113.9"), name, 6)
        assert sign_in(desk, name) == 302
        desk.post("/accounts/logout/")


@pytest.mark.usefixtures("cast")
def test_the_device_cookie_is_out_of_reach_of_scripts_and_says_no_name() -> None:
    client = at("203.0.113.9")
    sign_in(client)
    cookie = client.cookies["device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and OPERATOR not in cookie.value


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    "other", ["OPERATOR_YANGGUANG", "operator_yanggUang", "ｏｐｅｒａｔｏｒ_yangguang", " operator_yangguang "]
)
def test_another_spelling_of_the_name_is_no_further_try(other: str) -> None:
    client = at("198.51.100.7")
    fail(client, times=5)
    assert fail(client, other) == [429]


def test_letters_with_the_same_capital_are_one_account() -> None:
    assert account_mark("leader_cıty") == account_mark("leader_city") == account_mark("LEADER_CITY")
    assert account_mark("ſtaff") == account_mark("staff") != account_mark("sta-ff")


@pytest.mark.usefixtures("cast")
def test_a_name_nobody_has_is_refused_in_the_same_words_after_as_many_tries() -> None:
    def words(name: str, address: str) -> list[Any]:
        client = at(address)
        answers = [client.post(LOGIN, {"login": name, "password": "wrong-password"}) for _ in range(6)]
        last = answers[-1].content.decode()
        return [[answer.status_code for answer in answers], "密码输错的次数过多" in last, "device" in client.cookies]

    assert words(OPERATOR, "198.51.100.7") == words("nobody_here", "198.51.100.8") == [[200] * 5 + [429], True, False]


@pytest.mark.usefixtures("cast")
def test_right_passwords_use_nothing_up() -> None:
    client = at("198.51.100.7")
    for _ in range(8):
        assert sign_in(client) == 302
        client.post("/accounts/logout/")
    assert not LimitCount.objects.filter(number__gt=0).exists()


@pytest.mark.usefixtures("cast")
def test_a_window_that_is_over_opens_again_and_trying_does_not_prolong_it() -> None:
    client = at("198.51.100.7")
    fail(client, times=5)
    before = set(LimitCount.objects.values_list("mark", "ends_at"))
    fail(client, times=3)
    assert set(LimitCount.objects.values_list("mark", "ends_at")) == before
    with connection.cursor() as cursor:
        cursor.execute("UPDATE yancheng_childcare_limitcount SET ends_at = statement_timestamp() - interval '1 second'")
    assert sign_in(client) == 302


def test_a_window_opened_by_a_clock_that_ran_ahead_is_over() -> None:
    limit = Limit("test", 1, 300)
    assert [count(limit)[0].over for _ in range(2)] == [False, True]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE yancheng_childcare_limitcount SET ends_at = statement_timestamp() + interval '1 day'")
    assert not count(limit)[0].over


def test_counts_of_windows_that_are_over_are_deleted_by_a_timer() -> None:
    from yancheng_childcare.celery import app

    count(Limit("over", 5, 300), Limit("open", 5, 900))
    over = Limit("over", 5, 300).mark
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE yancheng_childcare_limitcount SET ends_at = now() - interval '1s' WHERE mark = %s", [over]
        )
    assert purge_counts() == 1
    assert LimitCount.objects.get().mark == Limit("open", 5, 900).mark
    timers = [entry["task"] for entry in app.conf.beat_schedule.values()]
    assert "yancheng_childcare.tasks.purge_limit_counts" in timers


def test_the_table_holds_no_name_and_no_address(cast: Any) -> None:
    fail(at("198.51.100.7"))
    kept = str(list(LimitCount.objects.values()))
    assert LimitCount.objects.count() == 3 and OPERATOR not in kept and "198.51.100" not in kept


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_are_all_counted() -> None:
    limit = Limit("at once", 5, 300)

    def once(_: int) -> bool:
        try:
            return count(limit)[0].over
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        over = list(pool.map(once, range(40)))
    assert over.count(False) == 5
    give_back([limit])
    assert LimitCount.objects.get().number == 39
    LimitCount.objects.all().delete()


# --- the other forms that look at a secret
@pytest.fixture
def enrolled(cast: Any) -> Any:
    TOTP.activate(cast["reviewer_tinghu"], generate_totp_secret())
    return cast["reviewer_tinghu"]


@pytest.mark.usefixtures("enrolled", "no_redis")
def test_codes_of_the_second_factor_are_limited_without_redis() -> None:
    client = at("198.51.100.7")
    sign_in(client, "reviewer_tinghu")
    answers = [client.post(reverse("mfa_authenticate"), {"code": f"{n:06}"}).status_code for n in range(7)]
    assert answers == [200] * 5 + [429] * 2
    again = at("198.51.100.7")
    assert sign_in(again, "reviewer_tinghu") == 302, "the password is another count"
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 429, "a new session is no new try"
    assert Event.objects.filter(action="signin.failed", data__factor="code").count() == 5


@pytest.mark.usefixtures("no_redis")
@pytest.mark.parametrize("page", ["account_reauthenticate", "mfa_reauthenticate", "account_change_password"])
def test_an_open_session_is_no_place_to_guess(enrolled: Any, as_user: Any, page: str) -> None:
    client = as_user("reviewer_tinghu")
    wrong = {
        "password": "wrong-password", "code": "000000", "oldpassword": "wrong-password",
        "password1": "a-New-pass-2026", "password2": "a-New-pass-2026",
    }  # fmt: skip
    answers = [client.post(reverse(page), wrong).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert Event.objects.filter(action="signin.failed").count() == 5


@pytest.mark.usefixtures("no_redis")
def test_mails_of_a_password_reset_are_limited_for_known_and_unknown_addresses_alike(cast: Any) -> None:
    cast[OPERATOR].email = "known@example.com"
    cast[OPERATOR].save()
    for address in ("known@example.com", "Unknown@example.com"):
        sent = [
            at(f"198.51.100.{n}").post("/accounts/password/reset/", {"email": address}).status_code for n in range(6)
        ]
        assert sent == [302] * 5 + [429]
    assert len(mail.outbox) <= 10


# --- what is kept of a failed try (security.md L3)
@pytest.mark.usefixtures("cast")
def test_an_auditor_finds_the_failed_tries_of_a_name_and_of_an_address() -> None:
    fail(at("198.51.100.7"), OPERATOR, 2)
    fail(at("198.51.100.7"), "police_tinghu")
    fail(at("198.51.100.8"), OPERATOR)
    assert failures_of(account="Operator_Yangguang").count() == 3
    assert failures_of(address="198.51.100.7").count() == 3
    assert failures_of(account=OPERATOR, address="198.51.100.7").count() == 2
    assert failures_of(account="somebody_else").count() == 0


@pytest.mark.usefixtures("cast")
def test_a_password_typed_into_the_wrong_box_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    fail(at("198.51.100.7"), "my-secret-Passw0rd")
    assert "my-secret" not in str(list(Event.objects.values())) + caplog.text


@pytest.mark.usefixtures("cast")
def test_reaching_the_limit_is_kept_once() -> None:
    fail(at("198.51.100.7"), OPERATOR, 9)
    act = Event.objects.get(action="signin.limited")
    assert act.data["account"] == account_mark(OPERATOR) and act.data["limit"] == "here"
    assert Event.objects.filter(action="signin.failed").count() == 5, "refused tries are not looked at"


def test_sign_ins_of_one_address_are_bounded_although_the_passwords_are_right(cast: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(signin_limits, "SIGN_INS_A_MINUTE", 3)
    monkeypatch.setattr(limits, "wait_here", lambda seconds=60: 10.0)
    request = RequestFactory().post(LOGIN, REMOTE_ADDR="198.51.100.7")
    for n in range(3):
        begin_attempt(request, account=f"somebody{n}").succeeded()
    client = at("198.51.100.7")
    assert sign_in(client) == 429
