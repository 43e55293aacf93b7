"""Who a request comes from: what a page may rely on, and what may be known without asking the database."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.db import Error
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import User


class SignedInRequest(HttpRequest):
    """`PolicyMiddleware` let it through on a route that is not public, so `user` is a person."""

    user: User
    # The person's roles that opened the route with this method (`permissions.opening_roles`).
    roles: frozenset[str]


class UserMiddleware(AuthenticationMiddleware):
    """`request.user`, which remembers a database that is away: each further question would wait for it again."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _load_once(request))  # type: ignore[assignment]  # as Django does


def _load_once(request: Any) -> Any:
    failed = getattr(request, "_user_error", None)
    if failed is not None:
        raise failed
    try:
        return get_user(request)
    except Error as error:
        request._user_error = error
        raise


def known_user(request: HttpRequest) -> Any:
    """The person or key holder, if anything in this request has asked already; None otherwise. Asks nobody itself.

    What stands above `UnavailableMiddleware` (logs, headers) must use this instead of `request.user`.
    """
    user = request.__dict__.get("user")
    return request.__dict__.get("_cached_user") if isinstance(user, SimpleLazyObject) else user
