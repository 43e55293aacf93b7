"""Identities of an outside sign-in service that may sign in as a person of this portal."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from ..querysets import LinkedIdentityQuerySet
from .people import User


@pghistory.track()
class LinkedIdentity(models.Model):
    """Whoever proves to be this subject at the provider signs in as `user`: a grant of access, so it is entered by one
    administrator and approved by another, neither of them the person (security.md M6).

    The subject itself is not kept: `subject_index` is its keyed hash, exact to the character.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities", verbose_name="用户")
    provider = models.CharField("认证服务", max_length=40)
    subject_index = models.CharField("身份标识（索引）", max_length=64)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    first_used_at = models.DateTimeField("首次登录时间", null=True, blank=True)
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)

    objects = LinkedIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统一身份"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "subject_index"],
                condition=Q(ended_at__isnull=True),
                name="identity_once",
                violation_error_message="该身份标识已登记给一个用户。",
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=F("user"))
                & (Q(approved_by__isnull=True) | (~Q(approved_by=F("granted_by")) & ~Q(approved_by=F("user")))),
                name="identity_two_persons",
                violation_error_message="登记人、批准人和用户本人不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.provider}）"
