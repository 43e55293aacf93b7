"""How somebody comes to act for an institution: the code of the registration authority, a match, a sign-on, an invitation."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from yancheng_childcare.models import User

from ..choices import OpeningPath, OpeningStatus
from ..querysets import AccountOpeningQuerySet
from .institution import Institution


@pghistory.track(exclude=["password", "secret_hash", "sent_hash"])
class AccountOpening(models.Model):
    """One account for one institution, from the code or the request to the day it opens. Status by workflow only.

    `institution` is empty where what was entered fits no registration: such a request is kept like any other, so that
    nobody learns from the answer whether a name and a number belong together.
    """

    no = models.CharField("编号", max_length=20, unique=True)
    path = models.CharField("方式", max_length=8, choices=OpeningPath.choices)
    status = models.CharField("状态", max_length=10, choices=OpeningStatus.choices)
    uscc = models.CharField("统一社会信用代码", max_length=18)
    institution = models.ForeignKey("registry.Institution", on_delete=models.PROTECT, null=True, related_name="+")
    # Of the code, the invitation or the query code; and of the form it was sent with, so that sending twice is one.
    secret_hash = models.CharField(max_length=64, db_index=True, editable=False)
    sent_hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # Whose facts were matched: another representative meanwhile, and the request fits no more.
    legal_index = models.CharField(max_length=64, blank=True, editable=False)
    expires_on = models.DateField("有效期至", null=True)
    display_name = models.CharField("姓名", max_length=50, blank=True)
    username = models.CharField("用户名", max_length=150, blank=True)
    password = models.CharField(max_length=128, blank=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("理由", max_length=200, blank=True)
    record_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    decided_at = models.DateTimeField("办结时间", null=True)

    objects = AccountOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构账号开通"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(path=OpeningPath.CODE, status=OpeningStatus.ISSUED),
                name="opening_one_code",
            ),
            models.CheckConstraint(
                condition=~Q(status=OpeningStatus.OPENED) | Q(institution__isnull=False, user__isnull=False),
                name="opening_for_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(path=OpeningPath.MATCH, status=OpeningStatus.OPENED) | Q(decided_by__isnull=False),
                name="opening_match_is_decided",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.no

    @property
    def place(self) -> Institution:
        """The institution of a case that fits one. Raises ValueError for one that fits none."""
        if self.institution is None:
            raise ValueError(f"{self.no} fits no registration")
        return self.institution

    @property
    def person(self) -> User:
        """Whose account it is. Raises ValueError before there is one."""
        if self.user is None:
            raise ValueError(f"{self.no} is nobody's yet")
        return self.user

    @property
    def subject(self) -> str:
        """The key under which acts and clocks of this case are kept."""
        return f"registry.account_opening:{self.no}"
