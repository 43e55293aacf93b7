"""Public answers that caches may share for five seconds, and that a reader who has them need not fetch again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers


def shared(request: HttpRequest, response: HttpResponse, *, etag: str = "") -> HttpResponseBase:
    """Give a visitor's answer its ETag and Cache-Control, or turn it into a 304.

    Without `etag` the content is its own mark. Somebody signed in sees their own menu, and a browser just signed out is
    told so by name; an address may hold the visitor's own position (`near=33.38,120.16`): those answers are nobody else's.
    """
    if is_own(request) or getattr(get_messages(request), "used", False):
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response.headers["ETag"] = f'"{etag or blake2b(response.content, digest_size=12).hexdigest()}"'
    mark(response)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return answer if answer is not None else response


def is_own(request: HttpRequest) -> bool:
    """Whether the answer is nobody else's: somebody signed in, or their position in the address."""
    return bool(request.user.is_authenticated) or "," in request.GET.get("near", "")


def unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """A 304 for a visitor who has this very state, before anything is rendered; else None."""
    if is_own(request):
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


@cache
def edition() -> str:
    """Changes with every release that changes what the public is shown: part of marks made before the page is.

    Without it a reader would be told that the page of the last release, and the style sheet it names, are still good.
    """
    here = mark_of_files([settings.BASE_DIR / "templates", Path(__file__).parent])
    return f"{here}{getattr(staticfiles_storage, 'manifest_hash', '')}"


def mark_of_files(folders: Iterable[Path]) -> str:
    """One mark for the templates and modules in these folders."""
    found = blake2b(digest_size=12)
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".py"}):
            found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()
