"""Sign-in: known people only, closed sign-up, one query for the signed-in person.

Single sign-on stands in `single_sign_on`, the second factor's seeds in `second_factor`, how long a session lasts in
`sessions`, what follows a change of the account in `changes`.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication

from ..callers import caller_address
from ..models import User
from ..records import log_event
from .signin_limits import begin_attempt, log_failure, remember_device


class PortalBackend(AuthenticationBackend):
    """allauth's backend; loads the person with the unread count, and only while active."""

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.signed_in(user_id)


class SessionAuthentication(DRFSessionAuthentication):
    """The browser's session on the API, with CSRF; a missing sign-in is 401, not 403."""

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


def user_display(user: User) -> str:
    """The name shown in the header."""
    return user.display_name or user.username


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator; sign-in and failed sign-in are kept as acts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        log_failure(request, account=str(credentials.get("username") or ""))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        attempt = begin_attempt(request, account=str(credentials.get("username") or ""))
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeeded()
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        return caller_address(request)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        log_event("signin.succeeded", subject=f"user:{user.pk}", summary="登录成功", actor=user)
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, account=user.username)
        return response
