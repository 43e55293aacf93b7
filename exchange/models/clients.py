"""Who calls our API: keys that act with one user's duties, and answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.models.approvals import TwoPersons, two_persons

from ..querysets import OWNERS, ApiClientQuerySet, own_departments


def end_of_a_new_key() -> datetime:
    """A key runs out on its own; whoever still needs it gets another in time."""
    return timezone.now() + timedelta(days=settings.API_KEY_DAYS)


# What the portal writes on its own, and hashes, are not history.
@pghistory.track(exclude=["key_hash", "previous_hash", "last_used_on", "last_network", "reminded_days"])
class ApiClient(TwoPersons):
    """A key that acts with the duties of its user. Only a hash of the 256-bit key is kept.

    `department`: whose key it is. Its integrators see it, one of them may approve it, and it works while its user has a
    duty there; without one only administrators see it. Its user may change the key itself (`key_rotation`): then the
    former one works until `previous_until`.
    """

    NOT_SHOWN = frozenset({
        "last_used_on", "last_network", "reminded_days", "revoked_at", "previous_hash", "previous_until", "rotated_at",
    })  # fmt: skip
    ACT = "api_client"
    EFFECT = "exchange.clients.key_was_approved"
    REFUSED = "exchange.clients.key_was_refused"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_clients", verbose_name="用户"
    )
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="api_clients",
        verbose_name="部门",
    )  # fmt: skip
    name = models.CharField("名称", max_length=60)
    key_hash = models.CharField("密钥摘要", max_length=64, unique=True, editable=False)
    key_hint = models.CharField("密钥开头", max_length=12, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效期至", default=end_of_a_new_key)
    last_used_on = models.DateField("最近使用", null=True, blank=True)
    # Enough for its user to say "that is not us"; not the address of one desk.
    last_network = models.CharField("最近来自网段", max_length=43, blank=True, editable=False)
    reminded_days = models.PositiveSmallIntegerField("已提醒（到期前天数）", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)
    previous_hash = models.CharField("上一把摘要", max_length=64, unique=True, null=True, blank=True, editable=False)
    previous_until = models.DateTimeField("上一把停用时间", null=True, blank=True, editable=False)
    rotated_at = models.DateTimeField("轮换时间", null=True, blank=True, editable=False)

    objects = ApiClientQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口密钥"
        ordering = ["-id"]
        constraints = [
            *two_persons("api_client", for_whom="user"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_client_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.key_hint}…）"

    def for_whom(self) -> int | None:
        return self.user_id

    def may_be_approved_by(self, person: Any) -> bool:
        """An administrator or an integrator of the key's department."""
        return person.has_role(Role.ADMIN) or self.department_id in own_departments(person, OWNERS)

    def act_subject(self) -> str:
        return f"user:{self.user_id}"

    def why_closed(self) -> str:
        if self.revoked_at is not None:
            return "已经作废"
        return "已经过期" if self.expires_at <= timezone.now() else ""


class IdempotencyRecord(models.Model):
    """The answer to one `Idempotency-Key`, kept 72 hours (product.md D5)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "重复请求记录"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return self.key
