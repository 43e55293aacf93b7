"""Walls and shutters every request passes: bad input, who may enter, second factor, a database that is away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django_structlog.middlewares import RequestMiddleware
from pghistory.middleware import HistoryMiddleware

from .accounts.sessions import ask_to_confirm, recently_confirmed
from .bodies import too_large
from .callers import is_local
from .outages import database_is_away
from .pages.errors import problem_page, unavailable_page
from .pages.health import healthz, readyz
from .permissions import SAFE, Entry, decide_entry, roles_for, rule_for
from .problems import ADDRESS_TOO_LONG, Problem, Rejected
from .rendering import problem_json
from .replica import allow_replica, answer_visitor
from .requests import known_user
from .throttles import check_visitor

logger = structlog.get_logger("portal.security")
GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_QUERY = 4096
# Addresses whose query holds answers that the page promises not to keep: it stays out of the log of requests.
KEPT_NOWHERE = frozenset({"/self-check"})
PROBES: dict[str, GetResponse] = {"/healthz": healthz, "/readyz": readyz}


def refuse_all(request: HttpRequest, rejected: Rejected) -> HttpResponse:
    """The answer in the face the caller uses: RFC 9457 for the API, a Chinese page otherwise."""
    return problem_json(rejected) if request.path.startswith("/api/") else problem_page(request, rejected)


def refuse(request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
    """One problem, answered at once."""
    return refuse_all(request, Rejected(problem, status=status))


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, afterwards back to the page one came from: what was posted is not sent again by itself.

    A request for a part of a page (htmx) is only told that nobody is signed in: a sign-in page would land inside the
    form, and what was typed there would be lost. `alive.js` says it in place.
    """
    if "HX-Request" in request.headers:
        return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
    back = request.get_full_path()
    if request.method not in SAFE:
        form = urlsplit(request.META.get("HTTP_REFERER", ""))
        back = f"{form.path}?{form.query}".rstrip("?") if form.netloc == request.get_host() else reverse("desk")
    answer = redirect_to_login(back)
    if getattr(request, "session_ended", False):
        answer["Location"] += "&ended=1"
    return answer


def whole_page(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A redirect that leaves the page also where htmx asked for a part of it."""
    if "HX-Request" in request.headers and "Location" in answer.headers:
        return HttpResponse(headers={"HX-Redirect": answer.headers["Location"]})
    return answer


class SlashMiddleware(CommonMiddleware):
    """A last slash is added for readers only: clients follow the redirect of a POST with a GET, and nothing is done."""

    def process_request(self, request: HttpRequest) -> Any:
        """Refuses an unsafe request to an address that only lacks its last slash, and names the right one."""
        if request.method not in SAFE and super().should_redirect_with_slash(request):
            words = f"没有这个地址，内容没有保存。地址应以斜线结尾：请改向 {request.path}/ 提交。"
            return refuse(request, 404, Problem("GEN-404", "", words))
        return super().process_request(request)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Asked once more for each 404."""
        return request.method in SAFE and super().should_redirect_with_slash(request)


class RequestLogMiddleware(RequestMiddleware):  # type: ignore[misc]  # untyped
    """django-structlog's request ids and log lines, without loading the person only to log who it was."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and address; without the answers of an address that promises to keep them nowhere."""
        if request.path.rstrip("/") in KEPT_NOWHERE:
            return f"{request.method} {request.path}"
        return str(RequestMiddleware.format_request(request))

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        user = known_user(request)
        if user is not None:
            structlog.contextvars.bind_contextvars(user_id=user.pk)

    def process_got_request_exception(self, sender: Any, request: HttpRequest, **kwargs: Any) -> None:
        """A database that is away is one line, `database_unavailable`, not a traceback of each layer that met it."""
        if not database_is_away(sys.exc_info()[1]):
            super().process_got_request_exception(sender, request, **kwargs)


class PermissionsPolicyMiddleware:
    """Browser features the portal does not use are off; location only for our own pages, on tap."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"
        )
        user = known_user(request)
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class InputGuardMiddleware:
    """Refuses what no page or call has a use for before it is read: NUL, broken UTF-8, endless queries, large bodies."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if len(query) > MAX_QUERY:
            return refuse(request, 414, ADDRESS_TOO_LONG)
        if "\x00" in request.path or "%00" in query.lower() or "\ufffd" in request.path:
            return refuse(request, 400, Problem("GEN-400", "", "网址中含有无法识别的字符，请检查后重试。"))
        try:
            query.encode("ascii")
        except UnicodeEncodeError:
            return refuse(request, 400, Problem("GEN-400", "", "网址中含有未编码的字符，请检查后重试。"))
        if request.method == "TRACE":
            refused = refuse(request, 405, Problem("GEN-405", "", "不支持这种请求方式。"))
            refused.headers["Allow"] = "GET, HEAD, POST, OPTIONS"
            return refused
        if (too_much := too_large(request)) is not None:
            logger.warning("body_refused", code=too_much.code, length=request.META.get("CONTENT_LENGTH", ""))
            return refuse_all(request, too_much)
        return self.get_response(request)


def reads_as_visitor(request: HttpRequest) -> bool:
    """Whether this only reads, and nobody can be signed in: it brings neither a session cookie nor a key."""
    return not (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        or "Authorization" in request.headers
        or request.method not in SAFE
    )


class ContextMiddleware(HistoryMiddleware):  # type: ignore[misc]  # untyped
    """Who and where for the history; a visitor's reads write none, and go to the database without it."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = self.get_response(request) if reads_as_visitor(request) else super().__call__(request)
        return answer


class PolicyMiddleware:
    """Default deny: every page asks the one table who may enter. The API asks it in `PolicyPermission`."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Such reads may use the replica.
        if reads_as_visitor(request):
            return answer_visitor(lambda: self._read(request))
        return self.get_response(request)

    def _read(self, request: HttpRequest) -> HttpResponse:
        """A read of the register that met a connection the server had closed meanwhile is done again, on a new one."""
        response = self.get_response(request)
        if getattr(response, "database_error", None) is None or not getattr(request, "unchecked", False):
            return response
        connection.close()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        rule = rule_for(name)
        if rule is not None and rule.replica and reads_as_visitor(request):
            allow_replica()
            # A kept connection is not asked first whether it still lives, which costs as much as a search: see `_read`.
            if not connection.in_atomic_block:
                connection.health_check_done = request.unchecked = True  # type: ignore[attr-defined]
        if rule is not None and rule.local_only and not is_local(request):
            return refuse(request, 404, Problem("GEN-404", "", "没有这个页面。"))
        if rule is not None and rule.paced:
            try:
                check_visitor(request, "page")
            except Rejected as refused:  # Django asks no process_exception here
                return refuse_all(request, refused)
        if name.startswith("api:"):
            return None
        method = request.method or "GET"
        match decide_entry(request.user, name, method, by_session=True):
            case Entry.SIGN_IN:
                return to_sign_in(request)
            case Entry.DENIED:
                logger.warning("entry_denied", route=name, user=request.user.pk)
                words = "您的职责不包含这项功能。如需办理，请联系本单位管理员。"
                return refuse(request, 403, Problem("GEN-403", "", words))
            case Entry.SECOND_FACTOR:
                return whole_page(request, redirect("mfa_activate_totp"))
        if rule is not None and rule.confirmed and not recently_confirmed(request):
            try:
                return whole_page(request, ask_to_confirm(request))
            except Rejected as rejected:
                return refuse_all(request, rejected)
        request.roles = roles_for(request.user, name, method)  # type: ignore[attr-defined]  # see SignedInRequest
        return None


class UnavailableMiddleware:
    """A database that is away or full is a 503 that says to try again, never a trace (reliability.md T50, T51).

    What views raise is answered here, what middleware raises in `errors.server_error`; both pass here on their way out
    and are logged once. Nothing above this middleware may ask the database (`requests.known_user`).
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (error := getattr(response, "database_error", None)) is not None:
            logger.error("database_unavailable", kind=type(error).__name__, method=request.method, path=request.path)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if database_is_away(exception):
            return unavailable_page(request, exception)
        if isinstance(exception, Rejected):
            return refuse_all(request, exception)
        return None


class ProbeMiddleware:
    """Answers the two signs of life before anything looks at the host: balancers ask by address, not by name."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info) if request.method in SAFE else None
        if probe is None:
            return self.get_response(request)
        response = probe(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response
