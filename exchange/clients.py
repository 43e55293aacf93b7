"""API clients: keys that act with the duties of one user. The key is shown once; only its hash is kept.

A key is asked for by one person and works when another has approved it; its user is told of both, and before it ends.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from yancheng_childcare.callers import caller_address
from yancheng_childcare.models import User
from yancheng_childcare.notifications import notify
from yancheng_childcare.pieces import each
from yancheng_childcare.records import log_event
from yancheng_childcare.throttles import check_wrong_keys, count_wrong_key

from .models import ApiClient

PREFIX = "yck_"
# How many days before its end the user of a key is reminded.
REMIND_DAYS = (30, 7, 1)


def digest(key: str) -> str:
    """SHA-256 of a key. A key has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def issue_key(*, user: User, name: str, actor: Any) -> tuple[ApiClient, str]:
    """Make a client for `user`; returns it with the key, which cannot be read again and waits for another's approval.

    On a local installation a key that a command made (`actor` None) works at once.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        client = ApiClient.objects.create(
            user=user, name=name[:60], key_hash=digest(key), key_hint=key[:8],
            granted_by=actor if getattr(actor, "pk", None) else None,
        )  # fmt: skip
        summary = f"为 {user.username} 生成接口密钥 {client.key_hint}…"
        log_event("api_client.issued", subject=f"user:{user.pk}", summary=summary, actor=actor)
        who = f"管理员{actor.display_name}" if getattr(actor, "pk", None) else "服务器上的管理命令"
        _tell(client, "为您生成了接口密钥", f"{who}为您生成了接口密钥“{client}”，有效期至 {_day(client)}。")
    return client, key


def works(client: ApiClient) -> bool:
    """Whether the key would be taken now."""
    return ApiClient.objects.in_force().filter(pk=client.pk).exists()


def key_was_approved(client: ApiClient, actor: Any) -> None:
    """Tell the key's user; called by `approvals` in its transaction."""
    _tell(
        client, "接口密钥已批准", f"管理员{actor.display_name}批准了您的接口密钥“{client}”，有效期至 {_day(client)}。"
    )


def revoke_key(client: ApiClient, *, actor: Any) -> None:
    """The key stops working at the next request. A key that is revoked already stays as it is."""
    with transaction.atomic():
        locked = ApiClient.objects.select_for_update(of=("self",)).get(pk=client.pk)
        if locked.revoked_at is None:
            locked.revoked_at = timezone.now()
            locked.save(update_fields=["revoked_at"])
            words = f"作废接口密钥 {locked.key_hint}…"
            log_event("api_client.revoked", subject=f"user:{locked.user_id}", summary=words, actor=actor)
            _tell(locked, "接口密钥已作废", f"您的接口密钥“{locked}”已作废，不能再使用。")


def remind_of_ending_keys() -> int:
    """Tell the users of keys that end within 30, 7 and 1 days, each once; returns how many were told."""
    rows = ApiClient.objects.in_force().filter(expires_at__lt=timezone.now() + timedelta(days=REMIND_DAYS[0]))
    return each("ending_keys", rows.values_list("pk", flat=True), _remind_of_end).done


def _remind_of_end(pk: int) -> int:
    client = ApiClient.objects.in_force().select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
    if client is None:
        return 0
    left = (client.expires_at - timezone.now()).days
    step = min(days for days in REMIND_DAYS if left < days)
    if client.reminded_days is not None and step >= client.reminded_days:
        return 0
    client.reminded_days = step
    client.save(update_fields=["reminded_days"])
    words = f"您的接口密钥“{client}”{_day(client)}到期。仍需使用的，请联系平台管理员换发。"
    _tell(client, "接口密钥快到期", words)
    return 1


def _day(client: ApiClient) -> str:
    return f"{timezone.localtime(client.expires_at):%Y-%m-%d}"


def _tell(client: ApiClient, title: str, words: str) -> None:
    notify([client.user], title=title, body=f"{words}如果不是您本人要求的，请立即联系平台管理员作废。")


def network_of(address: str) -> str:
    """The network an address lies in: /24, for IPv6 /48. Empty for what is no address (a Unix socket)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


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
        used = {
            "last_used_on": timezone.localdate(),
            "last_network": network_of(caller_address(request)),
        }
        if any(getattr(client, name) != value for name, value in used.items()):
            ApiClient.objects.filter(pk=client.pk).update(**used)
        return client.user, client

    def client_of(self, key: str) -> ApiClient | None:
        """The client whose key this is, while key and person are good."""
        if not key.startswith(PREFIX) or len(key) > 100 or not key.isascii():
            return None
        return ApiClient.objects.in_force().select_related("user").filter(key_hash=digest(key)).first()

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
