"""Walls and shutters every request passes: bad input, who may enter, second factor, a database that is away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_structlog.middlewares import RequestMiddleware

from .outages import database_is_away
from .pages.errors import problem_page, unavailable_page
from .permissions import SAFE, SECOND_FACTOR_EXEMPT, is_local, may_enter, needs_second_factor, rule_for
from .problems import ADDRESS_TOO_LONG, Problem, Rejected
from .rendering import problem_json
from .replica import allow_replica, answer_visitor
from .requests import known_user

logger = structlog.get_logger("portal.security")
GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_QUERY = 4096


def refuse_all(request: HttpRequest, rejected: Rejected) -> HttpResponse:
    """The answer in the face the caller uses: RFC 9457 for the API, a Chinese page otherwise."""
    return problem_json(rejected) if request.path.startswith("/api/") else problem_page(request, rejected)


def refuse(request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
    """One problem, answered at once."""
    return refuse_all(request, Rejected(problem, status=status))


class RequestLogMiddleware(RequestMiddleware):  # type: ignore[misc]  # untyped
    """django-structlog's request ids and log lines, without loading the person only to log who it was."""

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
    """Refuses what no page or call has a use for before it reaches the database: NUL, broken UTF-8, endless queries."""

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
            return refuse(request, 405, Problem("GEN-405", "", "不支持这种请求方式。"))
        return self.get_response(request)


class PolicyMiddleware:
    """Default deny: every page asks the one table who may enter. The API asks it in `PolicyPermission`."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session cookie or a key nobody is signed in: such reads may use the replica.
        if (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            or "Authorization" in request.headers
            or request.method not in SAFE
        ):
            return self.get_response(request)
        return answer_visitor(lambda: self.get_response(request))

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        rule = rule_for(name)
        if rule is not None and rule.replica:
            allow_replica()
        if rule is not None and rule.local_only and not is_local(request):
            return refuse(request, 404, Problem("GEN-404", "", "没有这个页面。"))
        if name.startswith("api:"):
            return None
        if not may_enter(request.user, name, request.method or "GET"):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            logger.warning("entry_denied", route=name, user=request.user.pk)
            return refuse(
                request, 403, Problem("GEN-403", "", "您的职责不包含这项功能。如需办理，请联系本单位管理员。")
            )
        if (
            settings.REQUIRE_SECOND_FACTOR
            and not name.startswith(SECOND_FACTOR_EXEMPT)
            and needs_second_factor(request.user)
            and not Authenticator.objects.filter(user_id=request.user.pk).exists()
        ):
            return redirect("mfa_activate_totp")
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
