"""API clients: keys that act with the duties of one user. The key is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from yancheng_childcare.models import User
from yancheng_childcare.records import log_event
from yancheng_childcare.throttles import check_wrong_keys, count_wrong_key

from .models import ApiClient

PREFIX = "yck_"


def digest(key: str) -> str:
    """SHA-256 of a key. A key has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def issue_key(*, user: User, name: str, actor: Any) -> tuple[ApiClient, str]:
    """Make a client for `user`; returns it with the key, which cannot be read again."""
    key = PREFIX + secrets.token_urlsafe(32)
    client = ApiClient.objects.create(user=user, name=name[:60], key_hash=digest(key), key_hint=key[:8])
    log_event("api_client.issued", subject=f"user:{user.pk}", summary=f"生成接口密钥 {client.key_hint}…", actor=actor)
    return client, key


def revoke_key(client: ApiClient, *, actor: Any) -> None:
    """The key stops working at the next request."""
    client.revoked_at = timezone.now()
    client.save(update_fields=["revoked_at"])
    log_event(
        "api_client.revoked", subject=f"user:{client.user_id}", summary=f"作废接口密钥 {client.key_hint}…", actor=actor
    )


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`. A wrong key is 401 and never falls back to a session."""

    def authenticate(self, request: Request) -> tuple[User, ApiClient] | None:
        header = request.headers.get("Authorization", "")
        scheme, _, key = header.partition(" ")
        if not header or scheme.lower() != "bearer":
            return None
        check_wrong_keys(request)
        client = self.client_of(key.strip())
        if client is None:
            count_wrong_key(request)
            raise exceptions.AuthenticationFailed()
        today = timezone.localdate()
        if client.last_used_on != today:
            ApiClient.objects.filter(pk=client.pk).update(last_used_on=today)
        return client.user, client

    def client_of(self, key: str) -> ApiClient | None:
        """The client whose key this is, while key and person are good."""
        if not key.startswith(PREFIX) or len(key) > 100 or not key.isascii():
            return None
        return (
            ApiClient.objects.select_related("user")
            .filter(key_hash=digest(key), revoked_at__isnull=True, user__is_active=True)
            .first()
        )

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
