"""Who calls, forged: no header a caller can send makes him another caller, closes a limit for others or opens /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory

from exchange.clients import issue_key
from tests.conftest import PASSWORD
from yancheng_childcare.callers import UNKNOWN, address_mark, caller_address, caller_network, is_local
from yancheng_childcare.checks import proxies_are_counted_once
from yancheng_childcare.configuration import proxy_count
from yancheng_childcare.models import Event

PROXY = "10.0.0.1"
LOGIN = "/accounts/login/"


def asked(settings: Any, proxies: int, peer: str = PROXY, **headers: str) -> str:
    settings.TRUSTED_PROXY_COUNT = proxies
    names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return caller_address(RequestFactory().get("/", REMOTE_ADDR=peer, **names))


def test_without_a_proxy_the_header_is_ignored(settings: Any) -> None:
    assert asked(settings, 0, "198.51.100.7", x_forwarded_for="203.0.113.1") == "198.51.100.7"


def test_behind_n_proxies_the_nth_from_the_right_counts(settings: Any) -> None:
    forged = "1.1.1.1, 2.2.2.2, 203.0.113.9, 10.0.0.2"
    assert asked(settings, 1, x_forwarded_for=forged) == "10.0.0.2"
    assert asked(settings, 2, x_forwarded_for=forged) == "203.0.113.9"


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:0DB8:0:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_is_read_in_every_form_a_proxy_writes(settings: Any, entry: str, address: str) -> None:
    assert asked(settings, 1, x_forwarded_for=f"1.1.1.1, {entry}") == address


@pytest.mark.parametrize(
    "entry", ["", ",", ",,,,", "unknown", "_hidden", "localhost", "999.1.1.1", "１２７.0.0.1", "x" * 5000, "::::", "[", "[]:1", ":", "%", "1.2.3"]
)  # fmt: skip
def test_garbage_counts_as_the_peer_and_never_as_something_new(settings: Any, entry: str) -> None:
    assert asked(settings, 1, x_forwarded_for=f"1.1.1.1,{entry}") == PROXY
    assert asked(settings, 3, x_forwarded_for=entry) == PROXY


def test_no_readable_address_at_all_is_one_caller(settings: Any) -> None:
    assert asked(settings, 0, "") == asked(settings, 1, "", x_forwarded_for="?") == UNKNOWN


def test_limits_count_a_whole_ipv6_subscriber_as_one(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    one, other, next_door = (
        caller_network(RequestFactory().get("/", REMOTE_ADDR=a))
        for a in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")
    )
    assert one == other != next_door


@pytest.mark.parametrize(("given", "count"), [("0", 0), ("1", 1), ("2", 2), ("true", 1), ("off", 0), (" 1 ", 1)])
def test_one_variable_says_how_many_proxies(monkeypatch: pytest.MonkeyPatch, given: str, count: int) -> None:
    monkeypatch.setenv("BEHIND_PROXY", given)
    assert proxy_count() == count


def test_the_check_speaks_up_when_somebody_counts_other_proxies(settings: Any) -> None:
    assert proxies_are_counted_once(None) == []
    settings.TRUSTED_PROXY_COUNT = 1
    assert len(proxies_are_counted_once(None)) == 3
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert proxies_are_counted_once(None) == []


# --- /metrics
FORWARDING = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via"]


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("header", FORWARDING)
@pytest.mark.parametrize("value", ["203.0.113.9", "127.0.0.1", ""])
def test_metrics_are_closed_to_whatever_was_forwarded(settings: Any, header: str, value: str, proxies: int) -> None:
    """security.md M9: a proxy on the same machine makes everybody's requests from here."""
    settings.TRUSTED_PROXY_COUNT = proxies
    assert Client().get("/metrics").status_code == 200
    assert Client(headers={header: value}).get("/metrics").status_code == 404


@pytest.mark.parametrize("peer", ["", "10.1.2.3", "127.0.0.1.example", "::ffff:10.0.0.1"])
def test_metrics_are_closed_to_other_machines(peer: str) -> None:
    assert Client(REMOTE_ADDR=peer).get("/metrics").status_code == 404


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.53", "::1", "::ffff:127.0.0.1"])
def test_metrics_are_open_on_this_machine(peer: str) -> None:
    assert is_local(RequestFactory().get("/metrics", REMOTE_ADDR=peer))


# --- each limit: what one caller used up is used up for him alone
@pytest.fixture
def tight(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.API_RATE_ANONYMOUS = settings.API_RATE_CLIENT = "3/min"
    settings.WRONG_KEYS_A_MINUTE = settings.SUBSCRIPTION_REQUESTS_AN_HOUR = 3
    for place, name in (
        ("signin_limits", "TRIES"),
        ("signin_limits", "ADDRESS_TRIES"),
        ("signin_limits", "SIGN_INS_A_MINUTE"),
        ("signin_forms", "RESETS_PER_CALLER"),
    ):
        monkeypatch.setattr(f"yancheng_childcare.accounts.{place}.{name}", 3)
    for name in ("REPORTS_AN_HOUR", "LOOKS_AN_HOUR"):
        monkeypatch.setattr(f"registry.register.reporting.{name}", 3)
    return


def _sign_in(client: Client, n: int) -> Any:
    return client.post(LOGIN, {"login": f"nobody{n}", "password": "wrong-password"})


def _same_account(client: Client, n: int) -> Any:
    return client.post(LOGIN, {"login": "leader_city", "password": "wrong-password"})


def _reset(client: Client, n: int) -> Any:
    return client.post("/accounts/password/reset/", {"email": f"somebody{n}@example.com"})


def _report(client: Client, n: int) -> Any:
    told = {
        "name": "小手托班",
        "region": "320981",
        "place": "东台镇望海路 8 号二楼",
        "text": "每天早上有六七个孩子送来。",
    }
    return client.post("/reports/unfiled/", told)


def _look(client: Client, n: int) -> Any:
    return client.post("/reports/track/", {"no": "YC-BC-2026-999999", "code": "AAAA-AAAA"})


def _subscribe(client: Client, n: int) -> Any:
    return client.post("/subscriptions/new/?area=320900", {"email": f"somebody{n}@example.com"})


def _wrong_key(client: Client, n: int) -> Any:
    return client.get("/api/v1/registrations/", headers={"Authorization": f"Bearer yck_wrong{n}"})


LIMITS: dict[str, Callable[[Client, int], Any]] = {
    "passwords of one account": _same_account,
    "passwords of many accounts": _sign_in,
    "mails of password reset": _reset,
    "reports": _report,
    "tracking codes": _look,
    "subscriptions": _subscribe,
    "wrong keys": _wrong_key,
    "api": lambda client, n: client.get("/api/v1/regions/"),
    "public api": lambda client, n: client.get("/api/v1/institutions/"),
    "search page": lambda client, n: client.get("/institutions/"),
}


@pytest.mark.django_db
@pytest.mark.usefixtures("cast", "tight")
@pytest.mark.parametrize("limit", LIMITS)
def test_without_a_proxy_a_forged_header_does_not_make_another_caller(settings: Any, limit: str) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    ask = LIMITS[limit]
    answers = [
        ask(Client(REMOTE_ADDR="198.51.100.7", headers={"X-Forwarded-For": f"203.0.113.{n}"}), n) for n in range(5)
    ]
    assert not {404, 405, 429} & {answer.status_code for answer in answers[:3]}
    assert [answer.status_code for answer in answers[3:]] == [429, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 3600
    assert ask(Client(REMOTE_ADDR="198.51.100.8"), 9).status_code != 429


@pytest.mark.django_db
@pytest.mark.usefixtures("cast", "tight")
@pytest.mark.parametrize("limit", LIMITS)
def test_behind_the_proxy_one_caller_does_not_use_up_the_limit_of_all(settings: Any, limit: str) -> None:
    """security.md H2: 20 wrong passwords a minute from anybody stopped everybody's sign-in."""
    settings.TRUSTED_PROXY_COUNT = 1
    ask = LIMITS[limit]

    def by(caller: str, n: int) -> int:
        # What the caller typed stands to the left of what our proxy saw.
        headers = {"X-Forwarded-For": f"203.0.113.{n}, {caller}", "X-Forwarded-Proto": "https"}
        return int(ask(Client(REMOTE_ADDR=PROXY, headers=headers), n).status_code)

    first = [by("198.51.100.7", n) for n in range(5)]
    assert not {404, 405, 429} & set(first[:3]) and first[3:] == [429, 429]
    assert by("198.51.100.8", 9) != 429


@pytest.mark.django_db
@pytest.mark.usefixtures("tight")
def test_a_key_has_one_limit_wherever_it_is_used(cast: Any) -> None:
    _, key = issue_key(user=cast["integrator_health"], name="test", actor=None)
    answers = [
        Client(REMOTE_ADDR=f"198.51.100.{n}", headers={"Authorization": f"Bearer {key}"}).get("/api/v1/endpoints/")
        for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


@pytest.mark.django_db
@pytest.mark.usefixtures("cast")
def test_behind_the_proxy_the_right_password_is_taken_after_many_wrong_ones_of_others(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    for n in range(25):
        client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": f"203.0.113.{n}"})
        client.post(LOGIN, {"login": f"invented{n}", "password": "wrong-password"})
    client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": "198.51.100.7"})
    answer = client.post(LOGIN, {"login": "operator_yangguang", "password": PASSWORD})
    assert answer.status_code == 302
    assert UserSession.objects.get().ip == "198.51.100.7", "the list of sessions shows the person's address"


@pytest.mark.django_db
def test_logs_name_the_caller_by_a_keyed_hash(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr("structlog.contextvars.bind_contextvars", lambda **bound: seen.append(bound))
    from yancheng_childcare.signals import caller_of_the_log

    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": "203.0.113.9"})
    caller_of_the_log(request=request)
    assert seen == [{"caller": address_mark("203.0.113.9")[:16]}]
    assert "203.0.113.9" not in str(seen)


@pytest.mark.django_db
def test_what_a_caller_forges_is_in_no_act(cast: Any, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    client.post(LOGIN, {"login": "leader_city", "password": "wrong-password"})
    act = Event.objects.get(action="signin.failed")
    assert act.data["address"] == address_mark("203.0.113.9")
    assert not any(clear in str(act.data) for clear in ("6.6.6.6", "203.0.113.9", "leader_city"))


def test_a_request_of_drf_is_read_the_same_way(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    meta = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert caller_address(SimpleNamespace(META=meta)) == "203.0.113.9"
