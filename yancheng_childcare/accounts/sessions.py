"""How long a session lasts, when somebody must prove again who sits there, and how other sessions end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, suspend_request
from allauth.core import context
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.internal.flows.sessions import end_other_sessions as end_listed_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from ..models import User
from ..problems import Problem, Rejected

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# The session's row is written at most so often: the idle limit is that much less exact, and no page costs a write.
SEEN_STEP = 60
CANNOT_CONFIRM = Problem("ACC-401", "", "这项操作需要再次确认是您本人。请退出后重新登录，并在登录后 10 分钟内办理。")


def remember_sign_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Both clocks of a session start with the sign-in."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())


class SessionClockMiddleware:
    """Ends a session that was idle for `SESSION_IDLE_MINUTES` or is older than `SESSION_HOURS` (reliability.md T5).

    Django's own age counts from the last write, so it alone would let a session live for ever. Where a person's
    session ended, `request.session_ended` says so and the sign-in page tells it.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a cookie nobody is signed in, and the visitor's page costs no look at the session.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._keep_time(request)
        return self.get_response(request)

    def _keep_time(self, request: HttpRequest) -> None:
        now, session = int(time.time()), request.session
        seen, since = session.get(SEEN_AT, 0), session.get(SIGNED_IN_AT, 0)
        if now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - since > settings.SESSION_COOKIE_AGE:
            logout(request)
            request.session_ended = True  # type: ignore[attr-defined]
        elif now - seen >= SEEN_STEP:
            session[SEEN_AT] = now
            # Written at once: at the end of a long request it would overwrite what others wrote meanwhile.
            session.save()
            session.modified = False


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether the person proved within `ACCOUNT_REAUTHENTICATION_TIMEOUT` seconds to be there.

    Who has neither password nor second factor (single sign-on only) cannot prove it here: a fresh sign-in counts.
    """
    if get_adapter(request).get_reauthentication_methods(request.user):
        return bool(did_recently_reauthenticate(request))
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def ask_to_confirm(request: HttpRequest) -> HttpResponse:
    """To the page that asks for password or code, and from there on with what was asked. Raises Rejected (403) for
    somebody who has neither.
    """
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    if not methods:
        raise Rejected(CANNOT_CONFIRM, status=403)
    return suspend_request(request, methods[0]["url"])


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """Only the session of this request goes on, if it is the person's own; every other one ends at once."""
    end_listed_sessions(request, user)


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]  # allauth has no types
    """Ends also sessions that are not in the list: the person's `session_epoch` counts up."""

    def end_sessions(self, sessions: Any) -> None:
        super().end_sessions(sessions)
        request = context.request
        if not request.user.is_authenticated:
            return
        user = User.objects.get(pk=request.user.pk)
        user.session_epoch = F("session_epoch") + 1
        user.save(update_fields=["session_epoch"])
        user.refresh_from_db(fields=["session_epoch"])
        former = request.session.session_key
        update_session_auth_hash(request, user)  # type: ignore[arg-type]  # gives this session a new key
        UserSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


def connect() -> None:
    """Start the clocks at every sign-in (`KernelConfig.ready`)."""
    user_logged_in.connect(remember_sign_in, dispatch_uid="session_clock")
