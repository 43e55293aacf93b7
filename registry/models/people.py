"""The people ledger: one row per person city-wide, found by the blind index of the ID number (domain.md §9)."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from yancheng_childcare.crypto import EncryptedTextField

from ..choices import CredentialKind, DiscrepancyKind, Education, PostRole
from ..querysets import CredentialQuerySet, PersonBanQuerySet, PersonDiscrepancyQuerySet, PostQuerySet


@pghistory.track(exclude=["id_no"])
class Person(models.Model):
    """Who somebody is, whatever institution they work in: the number and the name, nothing an institution says of them.

    `name` is as first entered until health staff decide which one is right; what institutions state stands on `Post`,
    `Credential` and `Training`, each of one institution (decision "facts belong to who entered them").
    """

    name = models.CharField("姓名", max_length=50)
    name_confirmed = models.BooleanField("姓名已核实", default=False)
    id_no = EncryptedTextField("证件号码", purpose="registry.person.id_no")
    id_index = models.CharField(max_length=64, unique=True, editable=False)
    # Set by a decision of health staff only; it counts everywhere, before what an institution states.
    confirmed_education = models.CharField("核实的学历", max_length=10, choices=Education.choices, blank=True)
    record_version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "从业人员"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """The key under which acts on this person are kept."""
        return f"registry.person:{self.pk}"


@pghistory.track(exclude=["phone"])
class Post(models.Model):
    """One person's work in one institution, and what this institution states of the person. Kept for good (domain.md §9.3)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts", verbose_name="人员")
    institution = models.ForeignKey(
        "registry.Institution", on_delete=models.PROTECT, related_name="posts", verbose_name="机构"
    )
    role = models.CharField("岗位", max_length=10, choices=PostRole.choices)
    full_time = models.BooleanField("全职", default=True)
    started_on = models.DateField("上岗日期")
    ended_on = models.DateField("离岗日期", null=True, blank=True)
    end_reason = models.CharField("离岗原因", max_length=100, blank=True)
    written_name = models.CharField("姓名（机构填写）", max_length=50)
    phone = EncryptedTextField("手机号", purpose="registry.person.phone", blank=True, default="")
    stated_education = models.CharField("学历（机构填写）", max_length=10, choices=Education.choices, blank=True)
    experience_years = models.PositiveSmallIntegerField("儿童保育教育或卫生健康管理经历（年）", null=True, blank=True)
    # Said by the institution after asking the person; 托儿所幼儿园卫生保健管理办法 第14条.
    no_mental_illness = models.BooleanField("已确认无精神病史", default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    # Read by `described`, and only there.
    trained_hours: int
    held: list[dict[str, Any]]
    record_waits: bool
    barred: bool

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering = ["role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution"],
                condition=Q(full_time=True, ended_on__isnull=True),
                name="post_one_full_time",
                violation_error_message="该人员已在本机构的一个全职岗位上。",
            ),
            models.UniqueConstraint(
                fields=["person", "institution", "role"],
                condition=Q(ended_on__isnull=True),
                name="post_once",
                violation_error_message="该人员已在本机构担任这一岗位。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="post_dates",
                violation_error_message="离岗日期不能早于上岗日期。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_role_display()}）"

    @property
    def name(self) -> str:
        """The confirmed name; until there is one, as this institution wrote it. Needs `person` loaded."""
        return self.person.name if self.person.name_confirmed else self.written_name

    @property
    def education(self) -> str:
        """The confirmed education; until there is one, as this institution stated it. Needs `person` loaded."""
        return self.person.confirmed_education or self.stated_education


@pghistory.track()
class Credential(models.Model):
    """One paper of a person as one institution entered it: no other institution sees, replaces or relies on it.

    Of a record check only "found or not, day, number" is kept, never details (domain.md §4). A found record counts
    everywhere, also when it was replaced, until health staff clear it.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="credentials", verbose_name="人员")
    institution = models.ForeignKey(
        "registry.Institution", on_delete=models.PROTECT, related_name="+", verbose_name="登记机构"
    )
    kind = models.CharField("证件种类", max_length=20, choices=CredentialKind.choices)
    number = models.CharField("编号", max_length=60, blank=True)
    issuer = models.CharField("出具单位", max_length=100, blank=True)
    issued_on = models.DateField("出具日期")
    valid_to = models.DateField("有效期至", null=True, blank=True)
    record_found = models.BooleanField("查有记录", default=False)
    file = models.ForeignKey(
        "yancheng_childcare.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaced_at = models.DateTimeField("被替换时间", null=True, blank=True)
    cleared_at = models.DateTimeField("解除时间", null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员证件"
        ordering = ["kind", "-issued_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution", "kind"],
                condition=Q(replaced_at__isnull=True),
                name="credential_one_current",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, cleared_by__isnull=True)
                | Q(cleared_at__isnull=False, cleared_by__isnull=False, record_found=True),
                name="credential_cleared_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("issued_on")),
                name="credential_dates",
                violation_error_message="有效期不能早于出具日期。",
            ),
        ]
        indexes = [
            models.Index(fields=["valid_to"], condition=Q(replaced_at__isnull=True), name="credential_expiry"),
            models.Index(
                fields=["person"], condition=Q(record_found=True, cleared_at__isnull=True), name="credential_found"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="found_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__record_found=True, new__record_found=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def found(self) -> bool:
        """A record was found and nobody has cleared it."""
        return self.record_found and self.cleared_at is None


class Training(models.Model):
    """Hours of training of a person as one institution entered them (domain.md §9.2)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings", verbose_name="人员")
    institution = models.ForeignKey(
        "registry.Institution", on_delete=models.PROTECT, related_name="+", verbose_name="登记机构"
    )
    topic = models.CharField("内容", max_length=100)
    provider = models.CharField("培训单位", max_length=100)
    hours = models.PositiveSmallIntegerField("学时")
    finished_on = models.DateField("结束日期")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "培训记录"
        ordering = ["-finished_on", "-id"]

    def __str__(self) -> str:
        return f"{self.topic}（{self.hours} 学时）"


@pghistory.track()
class PersonDiscrepancy(models.Model):
    """Institutions state different things of one person, or one found a record: health staff decide what is right.

    `institutions` are those who stated something; the reviewers of all their counties see it, and any of them may decide.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="discrepancies", verbose_name="人员")
    kind = models.CharField("待核实的内容", max_length=10, choices=DiscrepancyKind.choices)
    institutions = models.ManyToManyField("registry.Institution", related_name="+", verbose_name="涉及的机构")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField("发现时间", auto_now_add=True)
    outcome = models.CharField("核实结果", max_length=100, blank=True)
    reason = models.CharField("核实的依据", max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("核实时间", null=True, blank=True)

    objects = PersonDiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待核实的人员信息"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(decided_at__isnull=True), name="discrepancy_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | (Q(decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="discrepancy_decided_with_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


@pghistory.track()
class PersonBan(models.Model):
    """A ban from caring for infants (人口与计划生育法 第41条). Known by the blind index; written by the credit app later."""

    id_index = models.CharField(max_length=64, editable=False)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True, help_text="终身禁止的不填")
    basis = models.CharField("依据", max_length=200)
    case_no = models.CharField("案号", max_length=60)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = PersonBanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "从业禁止"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["id_index", "case_no"], name="person_ban_once"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="person_ban_dates"),
        ]

    def __str__(self) -> str:
        return self.case_no
