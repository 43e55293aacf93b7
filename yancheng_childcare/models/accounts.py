"""What one administrator asks for on another person's account: a link to set the password, a new second factor."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..choices import AccountRequestKind
from .approvals import TwoPersons, two_persons
from .people import User


@pghistory.track(exclude=["token_hash", "code_hash"])
class AccountRequest(TwoPersons):
    """One request on an account. `needs_second` is decided when it is asked (`accounts.ask`) and never changed.

    A link has two parts when two persons are needed: the address goes to who asked, the code to who approved, so that
    neither can use it alone. Only hashes are kept.
    """

    NOT_SHOWN = frozenset({"token_hash", "code_hash", "wrong_codes", "expires_at", "closed_at"})
    ACT = "user.request"
    OPEN = Q(needs_second=True, closed_at__isnull=True)
    EFFECT = "yancheng_childcare.accounts.requests.carry_out"
    # A link's approval shows a code of its own.
    ALONE = True

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="account_requests", verbose_name="账号")
    kind = models.CharField("申请", max_length=8, choices=AccountRequestKind.choices)
    email = models.EmailField("新的电子邮箱", blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    needs_second = models.BooleanField("须另一人批准", default=True, editable=False)
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    wrong_codes = models.PositiveSmallIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效期至", editable=False)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "账号申请"
        ordering = ["-id"]
        constraints = [
            *two_persons("account_request", for_whom="user"),
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(closed_at__isnull=True), name="account_request_one_open"
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=Q(token_hash__gt=""), name="account_request_token_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=AccountRequestKind.EMAIL, email__gt="")
                | (~Q(kind=AccountRequestKind.EMAIL) & Q(email="")),
                name="account_request_email",
                violation_error_message="更改电子邮箱须填写新的邮箱，其他申请不填。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.user.username}）：{self.get_kind_display()}"

    def for_whom(self) -> int | None:
        return self.user_id

    def act_subject(self) -> str:
        return f"user:{self.user_id}"

    def why_closed(self) -> str:
        if self.closed_at is not None:
            return "已经结束"
        return "已经过期，须重新申请" if self.expires_at <= timezone.now() else ""
