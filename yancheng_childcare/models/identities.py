"""Identities of an outside sign-in service that may sign in as a person of this portal."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from ..querysets import LinkedIdentityQuerySet
from .approvals import TwoPersons, two_persons
from .people import User


@pghistory.track()
class LinkedIdentity(TwoPersons):
    """Whoever proves to be this subject at the provider signs in as `user`: a grant of access, so it is entered by one
    administrator and approved by another, neither of them the person (security.md M6).

    The subject itself is not kept: `subject_index` is its keyed hash, exact to the character.
    """

    NOT_SHOWN = frozenset({"first_used_at", "ended_at"})
    ACT = "identity"
    OPEN = Q(ended_at__isnull=True)
    EFFECT = "yancheng_childcare.accounts.single_sign_on.identity_was_approved"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identities", verbose_name="用户")
    provider = models.CharField("认证服务", max_length=40)
    subject_index = models.CharField("身份标识（索引）", max_length=64)
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
            *two_persons("identity", for_whom="user"),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=False) & ~Q(granted_by=F("user")),
                name="identity_not_by_oneself",
                violation_error_message="不能登记本人的统一身份，请由其他管理员办理。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.provider}）"

    def for_whom(self) -> int | None:
        return self.user_id

    def why_closed(self) -> str:
        return "已经解除" if self.ended_at is not None else ""

    def act_subject(self) -> str:
        return f"user:{self.user_id}"
