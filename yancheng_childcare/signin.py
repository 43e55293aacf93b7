"""Sign-in: known people only, closed sign-up, one query for the signed-in person.

Single sign-on stands in `single_sign_on`, the second factor's seeds in `second_factor`, how long a session lasts in
`sessions`, what follows a change of the account in `account_changes`.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication

from .models import User
from .records import log_event


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
        # The name typed is not kept: people type passwords into the wrong box.
        log_event("signin.failed", subject="signin", summary="登录失败", succeeded=False)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        log_event("signin.succeeded", subject=f"user:{user.pk}", summary="登录成功", actor=user)
        return super().post_login(request, user, **kwargs)
