"""How often a password or a code may be tried, and how a failed try is kept without saying who or from where.

Counted in PostgreSQL (`limits.count`) before the secret is looked at, so parallel tries are counted too; given back when
it was right. Everything goes by the name as typed, so a name nobody has is treated exactly as one somebody has.

- From a browser that has signed in to this account before (a signed cookie): by account and browser alone. Nobody else
  can use these tries up, so nobody can shut a person out of the browser at his desk (reliability.md T4).
- From any other browser: by account and address, by account alone and by address alone. The last is wide enough for a
  building behind one address; the second bounds what many addresses together can guess.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from ..callers import address_mark, caller_address, caller_network
from ..crypto import blind_index
from ..limits import DAY, HOUR, MINUTE, Limit, Use, count, count_here, give_back, hexed, too_often, wait_here
from ..models import Event
from ..records import log_event

# All [A]: 5 in 5 minutes as reliability.md T4 wants; no law gives numbers.
TRIES, TRIES_SECONDS = 5, 5 * MINUTE
TRIES_A_DAY_KNOWN = 50  # per account and known browser
TRIES_AN_HOUR = 100  # per account, from all other browsers together
ADDRESS_TRIES, ADDRESS_SECONDS = 200, 5 * MINUTE
SIGN_INS_A_MINUTE = 240  # per address and process, right or wrong: each costs a slow hash
COOKIE_SALT = "yancheng_childcare.device"
ACCOUNTS_KEPT = 8  # on one browser, the latest first
PASSWORD, CODE = "password", "code"
WORDS = {
    PASSWORD: "密码输错的次数过多，暂时不能登录。请稍后再试，或在您以前登录过的电脑和浏览器上登录；忘记密码请联系本单位管理员。",
    CODE: "验证码输错的次数过多。请稍后再试；手机不在身边的，可以使用备用验证码，或联系本单位管理员。",
}
_BUSY = "这个网络一分钟里的登录次数过多，请稍等再试。"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was let through. Call `succeeded` when the secret was right: it then counts for nothing."""

    limits: tuple[Limit, ...]

    def succeeded(self) -> None:
        """The secret was right."""
        give_back(self.limits)


def begin_attempt(request: HttpRequest, *, account: str, factor: str = PASSWORD) -> Attempt:
    """Count a try of this account's password or code. Raises Rejected (429 with Retry-After) when it is one too many.

    `account` is the user name as typed; `factor` is PASSWORD or CODE, each counted by itself.
    """
    name = account_mark(account)
    device, accounts = _device(request)
    if _short(account) in accounts:
        narrow = (
            Limit(f"{factor}:device:{name}:{device}", TRIES, TRIES_SECONDS),
            Limit(f"{factor}:device-day:{name}:{device}", TRIES_A_DAY_KNOWN, DAY),
        )
        _refuse_over(request, count(*narrow), account=account, factor=factor)
        return Attempt(narrow)
    network = caller_network(request)
    if count_here(f"sign-in:{network}") > SIGN_INS_A_MINUTE:
        raise too_often(_BUSY, int(wait_here()) + 1)
    near = Limit(f"{factor}:here:{name}:{network}", TRIES, TRIES_SECONDS)
    _refuse_over(request, count(near), account=account, factor=factor)
    # Only what passed the first limit counts here: hammering at one account from one address uses up nothing else.
    wide = (
        Limit(f"{factor}:account:{name}", TRIES_AN_HOUR, HOUR),
        Limit(f"{factor}:address:{network}", ADDRESS_TRIES, ADDRESS_SECONDS),
    )
    _refuse_over(request, count(*wide), account=account, factor=factor)
    return Attempt((near, *wide))


@contextmanager
def one_try(request: HttpRequest, *, account: str, factor: str = PASSWORD) -> Iterator[None]:
    """`begin_attempt` around code that raises when the password or code is wrong."""
    attempt = begin_attempt(request, account=account, factor=factor)
    yield
    attempt.succeeded()


def log_failure(request: HttpRequest, *, account: str, factor: str = PASSWORD) -> None:
    """Keep a failed try with keyed hashes of the name as typed and of the address (ASVS V16.2.1, V16.3.1).

    Never the name itself: people type passwords into the wrong box.
    """
    log_event(
        "signin.failed",
        subject="signin",
        summary="登录失败" if factor == PASSWORD else "验证码错误",
        data={"factor": factor, **_marks(request, account)},
        succeeded=False,
    )


def failures_of(*, account: str = "", address: str = "") -> QuerySet[Event]:
    """What an auditor asks: failed and refused tries of this user name, of this address, or of both; newest first.

    The acts hold only keyed hashes, so the question is hashed the same way and compared.
    """
    found = Event.objects.filter(action__in=("signin.failed", "signin.limited")).order_by("-id")
    if account:
        found = found.filter(data__account=account_mark(account))
    return found.filter(data__address=address_mark(address)) if address else found


def account_mark(account: str) -> str:
    """Keyed hash (HMAC-SM3, 64 hex digits) of a user name, however it was typed: the database compares names in
    capital letters, and several letters have the same capital.
    """
    return blind_index(hexed(unicodedata.normalize("NFKC", account.strip()).upper().casefold()), "signin.account")


def remember_device(request: HttpRequest, response: HttpResponse, *, account: str) -> None:
    """After a full sign-in: this browser is known for this account from now on (`DEVICE_COOKIE_AGE` seconds)."""
    device, accounts = _device(request)
    mine = _short(account)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(
            [
                device or secrets.token_urlsafe(12),
                [mine, *(other for other in accounts if other != mine)][:ACCOUNTS_KEPT],
            ],
            salt=COOKIE_SALT,
        ),
        max_age=settings.DEVICE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _device(request: HttpRequest) -> tuple[str, list[str]]:
    """(the id of this browser, the accounts that were signed in to with it); ("", []) for a browser nobody knows."""
    try:
        device, accounts = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=COOKIE_SALT, max_age=settings.DEVICE_COOKIE_AGE
        )
    except signing.BadSignature:
        return "", []
    return device, accounts


def _short(account: str) -> str:
    # The cookie comes along with every request.
    return account_mark(account)[:20]


def _refuse_over(request: HttpRequest, uses: list[Use], *, account: str, factor: str) -> None:
    over = [use for use in uses if use.over]
    if not over:
        return
    if any(use.just_over for use in over):  # once per window: an attacker cannot fill the log
        log_event(
            "signin.limited",
            subject="signin",
            summary="登录失败次数过多，已暂停" if factor == PASSWORD else "验证码错误次数过多，已暂停",
            data={"factor": factor, "limit": over[0].limit.name.split(":")[1], **_marks(request, account)},
            succeeded=False,
        )
    raise too_often(WORDS[factor], max(use.wait for use in over))


def _marks(request: HttpRequest, account: str) -> dict[str, Any]:
    return {"account": account_mark(account), "address": address_mark(caller_address(request))}
