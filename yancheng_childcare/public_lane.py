"""A short way for public reads of the API: no session, no sign-in, no messages, nothing that asks who is there.

The whole chain costs more than the search itself. These answers are the same for everybody, so the lane keeps only
what protects: the guard of the input, the answer when the database is away, the security headers; the rate is kept by
the views. Everything else takes the long way.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

from . import cross_origin
from .middleware import InputGuardMiddleware, UnavailableMiddleware
from .permissions import rule_for
from .replica import answer_visitor

PREFIX = "/api/v1/institutions/"
METHODS = frozenset({"GET", "HEAD"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    **cross_origin.HEADERS,
}


class PublicLaneMiddleware:
    """Answers public API reads itself; stands before sessions and after the transport's own middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.short = convert_exception_to_response(UnavailableMiddleware(InputGuardMiddleware(answer)))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX) or request.method not in METHODS:
            return self.get_response(request)
        response = self.short(request)
        assert isinstance(response, HttpResponse)  # noqa: S101  # the lane is synchronous and streams nothing
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(response.content))
        return response


def answer(request: HttpRequest) -> HttpResponse:
    """Call the view of a public route; anything else there is none of the lane's business and not found."""
    match = resolve(request.path_info)
    rule = rule_for(match.view_name)
    assert rule is not None and rule.public, match.view_name  # noqa: S101  # only public routes lie under PREFIX
    request.resolver_match = match
    request.user = AnonymousUser()
    # A kept connection is not asked first whether it still lives: a read that finds it dead is simply done again. The
    # replica's is: there a failed read means that it is left alone for a while.
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's own, unstubbed
    response = _call(request, match)
    if response.status_code == 503:
        connections.close_all()
        response = _call(request, match)
    return response


def _call(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    def view() -> HttpResponse:
        response = match.func(request, *match.args, **match.kwargs)
        return response.render() if hasattr(response, "render") else response  # type: ignore[no-any-return]

    return answer_visitor(view, allowed=True)
