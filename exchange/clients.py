"""API clients: keys that act with the duties of one user. The key is shown once; only its hash is kept.

A key is asked for by one person and works when another has approved it. Its user is told of both and before it ends;
the other integrators of its department and the administrators are told of every act.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from yancheng_childcare.callers import caller_address
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department, User
from yancheng_childcare.notifications import holders, notify, settle
from yancheng_childcare.pieces import each
from yancheng_childcare.records import log_event
from yancheng_childcare.throttles import check_wrong_keys, count_wrong_key

from . import key_memory
from .models import ApiClient
from .querysets import OWNERS, own_departments

PREFIX = "yck_"
# How many days before its end the user of a key is reminded.
REMIND_DAYS = (30, 7, 1)


def digest(key: str) -> str:
    """SHA-256 of a key. A key has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key() -> str:
    """A fresh key: the prefix and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def issue_key(*, user: User, name: str, actor: Any, department: Department | None = None) -> tuple[ApiClient, str]:
    """Make a client for `user`; returns it with the key, which cannot be read again and waits for another's approval.

    Without `department` the key belongs to the one department whose integrator the user is, else to none. On a local
    installation a key that a command made (`actor` None) works at once.
    """
    key = new_key()
    own = own_departments(user, OWNERS)
    with transaction.atomic():
        client = ApiClient.objects.create(
            user=user, name=name[:60], key_hash=digest(key), key_hint=key[:8],
            department_id=department.pk if department else own[0] if len(own) == 1 else None,
            granted_by=actor if getattr(actor, "pk", None) else None,
        )  # fmt: skip
        keep_key_act(client, "issued", f"为 {user.username} 生成接口密钥 {client.key_hint}…", actor)
        who = actor.display_name if getattr(actor, "pk", None) else "服务器上的管理命令"
        mine = getattr(actor, "pk", None) == user.pk
        made = "您新建了" if mine else f"{who}为您生成了"
        title = "您新建了接口密钥" if mine else "为您生成了接口密钥"
        _tell(client, title, f"{made}接口密钥“{client}”，有效期至 {day_of(client)}。")
        waits = "" if works(client) else "须由使用人以外的一名对接人或平台管理员批准后才能使用。"
        words = f"{who}为{user.display_name}生成了接口密钥“{client}”，有效期至 {day_of(client)}。{waits}"
        tell_others(client, "新的接口密钥", words, actor)
    return client, key


def works(client: ApiClient) -> bool:
    """Whether the key would be taken now."""
    return ApiClient.objects.in_force().filter(pk=client.pk).exists()


def key_was_approved(client: ApiClient, actor: Any) -> None:
    """Tell the key's user and the others; called by `approvals` in its transaction."""
    until = f"有效期至 {day_of(client)}。"
    settle(_others(client, None), approval_page(client))
    _tell(client, "接口密钥已批准", f"{actor.display_name}批准了您的接口密钥“{client}”，{until}")
    words = f"{actor.display_name}批准了{client.user.display_name}的接口密钥“{client}”，{until}"
    tell_others(client, "接口密钥已批准", words, actor)


def key_was_refused(client: ApiClient) -> None:
    """Nobody is asked to approve the key any more; called by `waiting` in its transaction."""
    settle(_others(client, None), approval_page(client))


def revoke_key(client: ApiClient, *, actor: Any) -> None:
    """The key stops working at the next request. A key that is revoked already stays as it is."""
    with transaction.atomic():
        locked = ApiClient.objects.select_for_update(of=("self",)).get(pk=client.pk)
        if locked.revoked_at is None:
            locked.revoked_at = timezone.now()
            locked.save(update_fields=["revoked_at"])
            keep_key_act(locked, "revoked", f"作废接口密钥 {locked.key_hint}…", actor)
            settle(_others(locked, None), approval_page(locked))
            _tell(locked, "接口密钥已作废", f"您的接口密钥“{locked}”已作废，不能再使用。")
            who = actor.display_name if getattr(actor, "pk", None) else "服务器上的管理命令"
            words = f"{who}作废了{locked.user.display_name}的接口密钥“{locked}”，用它的程序不能再调用接口。"
            tell_others(locked, "接口密钥已作废", words, actor)


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
    renewed = "请在“数据交换 → 接口密钥”里新建一把" if client.department_id else "请联系平台管理员换发"
    words = f"您的接口密钥“{client}”{day_of(client)}到期。仍需使用的，{renewed}。"
    _tell(client, "接口密钥快到期", words)
    return 1


def day_of(client: ApiClient) -> str:
    """The day on which the key ends, for people."""
    return f"{timezone.localtime(client.expires_at):%Y-%m-%d}"


def approval_page(client: ApiClient) -> str:
    """Where a waiting key is approved: messages about it point there and are settled by it."""
    return reverse("exchange:key-approve", args=[client.pk])


def keep_key_act(client: ApiClient, act: str, summary: str, actor: Any) -> None:
    """Keep an act about a key: under its user, in the region of its department."""
    region = client.department.region.prefix if client.department else ""
    log_event(
        f"api_client.{act}", subject=f"user:{client.user_id}", summary=summary, actor=actor, region_prefix=region,
        data={"key": client.pk, "name": client.name},
    )  # fmt: skip


def _tell(client: ApiClient, title: str, words: str) -> None:
    notify([client.user], title=title, body=f"{words}如果不是您本人要求的，请立即联系平台管理员作废。")


def tell_others(client: ApiClient, title: str, words: str, actor: Any) -> None:
    """The other integrators of the key's department and the administrators hear of what `actor` did."""
    waits = client.approved_by_id is None and client.revoked_at is None and not works(client)
    url = approval_page(client) if waits else reverse("exchange:keys")
    notify(_others(client, actor), title=title, body=words, url=url)


def _others(client: ApiClient, actor: Any) -> list[User]:
    integrators = holders(*OWNERS, department=client.department_id) if client.department_id else []
    known = {client.user_id, getattr(actor, "pk", None)}
    return [person for person in (*integrators, *holders(Role.ADMIN)) if person.pk not in known]


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
        """The client whose key this is, while key and person are good; after a rotation the former key for a while."""
        if not key.startswith(PREFIX) or len(key) > 100 or not key.isascii():
            return None
        return key_memory.client_of(digest(key))

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
