"""Who calls our API: keys that act with one user's duties, and answers kept for repeated requests."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models


@pghistory.track(exclude=["key_hash", "last_used_on"])
class ApiClient(models.Model):
    """A key that acts with the duties of its user. Only a hash of the 256-bit key is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_clients", verbose_name="用户"
    )
    name = models.CharField("名称", max_length=60)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    key_hint = models.CharField("密钥开头", max_length=12, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    last_used_on = models.DateField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口密钥"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name}（{self.key_hint}…）"


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
