"""Users and the duties that give them rights: user × role × region × department (× institution)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ..choices import Role
from ..querysets import DutyQuerySet, UserManager, second_factors
from .approvals import TwoPersons, two_persons


@pghistory.track(exclude=["password", "last_login", "session_epoch"])
class User(AbstractBaseUser):
    """A person who signs in. Rights come only from `Duty` rows.

    Django's own superusers, staff flags, groups and permissions are left out of the model: what is no column cannot be
    set by a script, an import or a foreign page, and cannot count anywhere (security.md H4).
    """

    username = models.CharField(
        "用户名",
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "已有这个用户名，请换一个。"},
    )
    display_name = models.CharField("姓名", max_length=50)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("在用", default=True)
    date_joined = models.DateTimeField("建立时间", default=timezone.now)

    # Part of every session's proof: counting it up ends all sessions of the person, known to the session list or not.
    session_epoch = models.PositiveIntegerField("会话批次", default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's proof that a session still belongs to this password, here also to `session_epoch`."""
        proved = f"{self.password}|{self.session_epoch}"
        return salted_hmac("yancheng_childcare.session", proved, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's permissions give nothing here; libraries that ask for one are told no."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`."""
        return False

    @cached_property
    def active_duties(self) -> list[Duty]:
        """Duties in force today, with department and region: one query per request, asked fresh each request."""
        if self.pk is None:
            return []
        return list(self.duties.in_force().select_related("region", "department"))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles of the duties in force."""
        return frozenset(duty.role for duty in self.active_duties)

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether a second factor is set up; known with the signed-in person, else one query."""
        known = getattr(self, "second_factors", None)
        return second_factors().filter(user_id=self.pk).exists() if known is None else bool(known)

    def duties_as(self, *roles: str) -> list[Duty]:
        """The duties in force with one of these roles."""
        return [duty for duty in self.active_duties if duty.role in roles]

    def has_role(self, *roles: str) -> bool:
        """Whether any duty in force has one of these roles."""
        return bool(self.roles.intersection(roles))


@pghistory.track()
class Duty(TwoPersons):
    """One right to act: this user, in this role, for this region and department, between these dates.

    Takes effect only when a second person has approved it (reliability.md T2); that of an institution's own people also
    by the case that opened their account.
    """

    NOT_SHOWN = frozenset({"opened_by"})
    ACT = "duty"
    OPEN = Q(opened_by="")
    EFFECT = "yancheng_childcare.accounts.requests.duty_was_approved"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duties", verbose_name="用户")
    role = models.CharField("角色", max_length=12, choices=Role.choices)
    region = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, null=True, blank=True, verbose_name="辖区"
    )
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name="部门"
    )
    uscc = models.CharField("机构统一社会信用代码", max_length=18, blank=True, db_index=True)
    certificate_no = models.CharField("执法证号", max_length=40, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    # The case by which an institution opened the account of its own people; stands in the place of the two persons.
    opened_by = models.CharField("开通办件", max_length=20, blank=True, db_default="", default="", editable=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "职责"
        ordering = ["user_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region", "department", "uscc"],
                nulls_distinct=False,
                name="duty_once",
                violation_error_message="该用户已有相同的职责。",
            ),
            *two_persons("duty", for_whom="user"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(granted_by__isnull=False),
                name="duty_granted_by_somebody",
                violation_error_message="职责须先有授予人。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="duty_dates",
                violation_error_message="职责的结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.OPERATOR, uscc__gt="") | (~Q(role=Role.OPERATOR) & Q(uscc="")),
                name="duty_institution_only_for_operator",
                violation_error_message="机构经办人必须填写机构代码，其他角色不填。",
            ),
            models.CheckConstraint(
                condition=Q(opened_by="") | Q(role=Role.OPERATOR, approved_by__isnull=True),
                name="duty_opened_only_for_operator",
                violation_error_message="只有机构经办人的职责由机构开通。",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[Role.OPERATOR, Role.ADMIN, Role.AUDITOR]) | Q(region__isnull=False),
                name="duty_has_region",
                violation_error_message="请选择职责的辖区。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}（{self.place}）"

    @property
    def place(self) -> str:
        """Where the duty is done: the department, else its area, else the institution."""
        return str(self.department or self.region or self.uscc)

    def covers(self, prefix: str) -> bool:
        """Whether a region path lies in this duty's region; without a region only ADMIN and AUDITOR cover all."""
        if self.region is None:
            return self.role in {Role.ADMIN, Role.AUDITOR}
        return prefix.startswith(self.region.prefix)

    def for_whom(self) -> int | None:
        return self.user_id

    def is_over(self) -> bool:
        """Whether its last day has passed (Asia/Shanghai)."""
        return self.valid_to is not None and self.valid_to < timezone.localdate()

    def why_closed(self) -> str:
        if self.opened_by:
            return "由机构开通，无需批准"
        return "已经结束，须重新授予" if self.is_over() else ""

    def end_by(self, last_day: date) -> None:
        """`last_day` becomes the last one; a duty that begins later never begins. Saved, not logged."""
        self.valid_from, self.valid_to = min(self.valid_from, last_day), last_day
        self.save(update_fields=["valid_from", "valid_to"])

    def end_at_once(self) -> None:
        """Yesterday was the last day: one that ends today would last until midnight. Saved, not logged."""
        self.end_by(timezone.localdate() - timedelta(days=1))

    def end_unapproved(self, reason: str = "") -> None:
        """Kept, as whoever was ever offered a duty is opened by two persons only."""
        self.end_at_once()

    def act_subject(self) -> str:
        return f"user:{self.user_id}"

    def act_region(self) -> str:
        return self.region.prefix if self.region else ""
