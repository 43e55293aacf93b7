"""The choice of up to four institutions to compare: kept in a cookie while somebody reads on, set without scripts.

The cookie holds codes of the public register and nothing of the person; it is sent to the register's pages only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ...models import PublicEntry
from ...rules import uscc as uscc_rules

MOST = 4
COOKIE, COOKIE_SECONDS = "compare", 30 * 86_400
# Behind an address that was just read, so that the browser asks for the page anew and shows the choice.
MARK = "compare"
LONGEST = 400  # characters of a cookie or address that are looked at
_HEAD = re.compile(r"^(?:江苏省?)?(?:盐城市?)?(?:[一-龥]{2}(?:区|县|市)|经开区|高新区)?")
_TAIL = re.compile(
    r"(?:婴幼儿|儿童)?(?:托育|照护|成长|早教)?(?:服务|管理)?(?:有限责任公司|股份有限公司|有限公司|中心|部|托育园|托育点)?$"
)


@dataclass(frozen=True, slots=True)
class Tray:
    """What the bar at the foot of a page shows."""

    codes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    near: str = ""

    @property
    def full(self) -> bool:
        """Whether no other can be added."""
        return len(self.codes) >= MOST

    def pick(self, code: str) -> str:
        """What can be done with one institution: `chosen` (take it out), `full` (nothing), "" (add it)."""
        return "chosen" if code in self.codes else "full" if self.full else ""

    @property
    def compare_url(self) -> str:
        """The comparison of what was chosen."""
        return compare_address(self.codes, [("near", self.near)] if self.near else [])


def chosen_codes(request: HttpRequest) -> list[str]:
    """The codes in the cookie, each once, at most four; what is no code is passed over."""
    return fitting(request.COOKIES.get(COOKIE, "")[:LONGEST].split("."))


def fitting(given: list[str]) -> list[str]:
    """Valid codes of these, each once, at most four."""
    return [code for code in dict.fromkeys(text.strip().upper() for text in given) if uscc_rules.is_valid(code)][:MOST]


def tray_of(request: HttpRequest, near: str = "") -> Tray:
    """The choice as the bar shows it. One query, none when nothing was chosen."""
    codes = chosen_codes(request)
    if not codes:
        return Tray(near=near)
    known = dict(PublicEntry.objects.listed().filter(uscc__in=codes).values_list("uscc", "name"))
    codes = [code for code in codes if code in known]
    return Tray(codes, short_names([known[code] for code in codes]), near)


def short_names(names: list[str]) -> list[str]:
    """Each name by what tells it from the others: without place and kind of company; whole where two would be alike."""
    short = [_short(name) for name in names]
    return [one if short.count(one) == 1 else name for one, name in zip(short, names, strict=True)]


def _short(name: str) -> str:
    body = _HEAD.sub("", name)
    core = _TAIL.sub("", body)
    return core if len(core) >= 2 else body if len(body) >= 2 else name


def compare_address(codes: list[str], kept: list[tuple[str, str]]) -> str:
    """The comparison of these institutions; `kept` are the other parameters."""
    pairs = [*(("uscc", code) for code in codes), *kept]
    return f"{reverse('public:compare')}?{urlencode(pairs)}" if pairs else reverse("public:compare")


@csrf_exempt
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Add (`add`), remove (`remove`) or forget all (`clear`), then go back to `next` or on to the comparison.

    `uscc` (repeated) is the choice to start from; without it the cookie is. A fifth is not taken: the bar says so.
    No CSRF token, for the reasons of `view_mode`: the worst a stranger can do is to change what is compared.
    """
    codes = [] if request.POST.get("clear") else fitting(request.POST.getlist("uscc")) or chosen_codes(request)
    gone = request.POST.get("remove", "").upper()
    codes = fitting([*(code for code in codes if code != gone), request.POST.get("add", "")])
    back = request.POST.get("next", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        target = _marked(back, len(codes), request.POST.get("add") or gone)
    else:
        kept = [(name, value[:LONGEST]) for name in ("near", "different") if (value := request.POST.get(name, ""))]
        target = compare_address(codes, kept)
    response = redirect(target)
    if codes:
        response.set_cookie(
            COOKIE, ".".join(codes), max_age=COOKIE_SECONDS, path=reverse("public:search"),
            secure=not settings.LOCAL, httponly=True, samesite="Lax",
        )  # fmt: skip
    else:
        response.delete_cookie(COOKIE, path=reverse("public:search"), samesite="Lax")
    return response


def _marked(address: str, number: int, code: str) -> str:
    parts = urlsplit(address)
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != MARK]
    place = f"pick-{code}" if uscc_rules.is_valid(code) else ""
    return urlunsplit(("", "", parts.path, urlencode([*pairs, (MARK, str(number))]), place))


def tray_context(request: HttpRequest, near: str = "") -> dict[str, Any]:
    """What templates with `registry/register/tray.html` or `registry/register/pick.html` need."""
    address = request.get_full_path()
    return {"tray": tray_of(request, near), "here": address, "most_compared": MOST}
