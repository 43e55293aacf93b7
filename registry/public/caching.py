"""Public answers that caches may share for five seconds, and that a reader who has them need not fetch again."""

from __future__ import annotations

from hashlib import blake2b

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers


def shared(request: HttpRequest, response: HttpResponse, *, etag: str = "") -> HttpResponseBase:
    """Give a visitor's answer its ETag and Cache-Control, or turn it into a 304.

    Without `etag` the content is its own mark. Somebody signed in sees their own menu: that answer is nobody else's.
    """
    if request.user.is_authenticated:
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response.headers["ETag"] = f'"{etag or blake2b(response.content, digest_size=12).hexdigest()}"'
    mark(response)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return answer if answer is not None else response


def unshared(response: HttpResponse) -> HttpResponse:
    """An answer to an address that holds the visitor's own position: no cache keeps it, not even the browser's."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """A 304 for a visitor who has this very state, before anything is rendered; else None."""
    if request.user.is_authenticated:
        return None
    answer = get_conditional_response(request, etag=f'"{etag}"')
    if answer is None:
        return None
    answer.headers["ETag"] = f'"{etag}"'
    return mark(answer)


def mark(response: HttpResponseBase) -> HttpResponseBase:
    """Public for `PUBLIC_MAX_AGE` seconds, told apart by cookie (长辈版)."""
    response.headers["Cache-Control"] = f"public, max-age={settings.PUBLIC_MAX_AGE}, must-revalidate"
    patch_vary_headers(response, ["Cookie"])
    return response
