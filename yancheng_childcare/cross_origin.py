"""What scripts of other sites may read: the public API, open data and feeds (docs/api.md). Nothing there tells who asks.

A request with If-None-Match is asked for first (OPTIONS), and its mark is only readable when it is exposed (Fetch 3.2).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

OPEN = frozenset(
    {
        "api:institutions", "api:institution", "public:download", "public:dictionary", "public:snapshot",
        "public:institution-feed", "public:area-feed",
    }
)  # fmt: skip
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Retry-After",
}
PREFLIGHT = {
    **HEADERS,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, OPTIONS",
}


def open_to_all(response: HttpResponseBase) -> None:
    """Let scripts of other sites read the answer and the headers they need of it."""
    for name, value in HEADERS.items():
        response.headers[name] = value


class CrossOriginMiddleware:
    """Answers the question before the request; the answers themselves are opened where they are made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS" and _name(request.path_info) in OPEN:
            return HttpResponse(status=204, headers=PREFLIGHT)
        return self.get_response(request)


def _name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
