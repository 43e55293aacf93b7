"""一单两库: who may inspect, what may be inspected, and the checklists (国办发〔2024〕54号; domain-2.md B3)."""

from __future__ import annotations

from datetime import date

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yancheng_childcare.append_only import append_only
from yancheng_childcare.models.approvals import TwoPersons, two_persons

from ..choices import Field, Severity, TieKind
from ..querysets import CheckItemQuerySet, OfficerQuerySet, TieQuerySet


@pghistory.track()
class EnforcementSubject(TwoPersons):
    """检查主体: a body with lawful standing, announced. A commissioned one acts in its principal's name (domain-2.md A1 row 14)."""

    ACT = "enforcement_subject"
    OPEN = Q(ended_on__isnull=True)

    department = models.OneToOneField(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="enforcement", verbose_name="部门"
    )
    field = models.CharField("执法领域", max_length=8, choices=Field.choices)
    announced_on = models.DateField("公告日期")
    announcement = models.CharField("公告名称和文号", max_length=200)
    principal = models.ForeignKey(
        "yancheng_childcare.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="委托机关",
    )
    commission = models.CharField("委托书文号", max_length=100, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查主体"
        ordering = ["department_id"]
        constraints = [
            *two_persons("subject"),
            models.CheckConstraint(
                condition=Q(principal__isnull=True, commission="") | Q(principal__isnull=False, commission__gt=""),
                name="subject_commissioned_in_writing",
                violation_error_message="受委托的主体须填委托机关和委托书文号。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.department)

    def why_closed(self) -> str:
        return "已经终止" if self.ended_on else ""

    @property
    def acts_as(self) -> str:
        """In whose name it inspects."""
        return str(self.principal or self.department)


@pghistory.track()
class Matter(TwoPersons):
    """检查事项: what may be inspected, by whom, on what basis. Unpublished means unusable (54号)."""

    ACT = "inspection_matter"
    OPEN = Q(ended_on__isnull=True)

    code = models.CharField("编号", max_length=20, unique=True)
    name = models.CharField("检查事项", max_length=100)
    field = models.CharField("执法领域", max_length=8, choices=Field.choices)
    level = models.CharField("层级", max_length=8, choices=[("CITY", "市"), ("COUNTY", "县（市、区）")])
    basis = models.CharField("依据", max_length=300)
    published_on = models.DateField("公布日期", null=True, blank=True)
    ended_on = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查事项"
        ordering = ["code"]
        constraints = [*two_persons("matter")]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    def why_closed(self) -> str:
        return "已经停用" if self.ended_on else ""

    def usable_on(self, day: date) -> bool:
        """Published by that day and not ended."""
        published = self.published_on is not None and self.published_on <= day
        return published and (self.ended_on is None or self.ended_on > day)


@pghistory.track()
class Officer(TwoPersons):
    """执法人员: a certificate of a person for one subject. The power is that of the day (domain-2.md A1 row 14)."""

    ACT = "enforcement_officer"
    OPEN = Q(ended_on__isnull=True)
    NOT_SHOWN = frozenset({"told_for"})

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates", verbose_name="人员"
    )
    subject = models.ForeignKey(
        EnforcementSubject, on_delete=models.PROTECT, related_name="officers", verbose_name="检查主体"
    )
    certificate_no = models.CharField("执法证号", max_length=40, unique=True)
    valid_from = models.DateField("有效期自")
    valid_to = models.DateField("有效期至")
    ended_on = models.DateField("停用日期", null=True, blank=True)
    # The last day its head was told of: a renewed certificate has another.
    told_for = models.DateField("已提醒的到期日", null=True, blank=True, editable=False)

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "执法人员"
        ordering = ["subject_id", "certificate_no"]
        constraints = [
            *two_persons("officer", for_whom="user"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="officer_dates",
                violation_error_message="证件的有效期至不能早于有效期自。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user}（{self.certificate_no}）"

    def for_whom(self) -> int | None:
        return self.user_id

    def why_closed(self) -> str:
        return "已经停用" if self.ended_on else ""


@pghistory.track()
class Tie(models.Model):
    """回避关系: an officer stays away from this institution (行政处罚法 第四十三条)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ties")
    uscc = models.CharField("统一社会信用代码", max_length=18)
    kind = models.CharField("关系", max_length=8, choices=TieKind.choices)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_on = models.DateField("申报日期")
    ended_on = models.DateField("消失日期", null=True, blank=True)

    objects = TieQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回避关系"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "uscc"], condition=Q(ended_on__isnull=True), name="tie_once")
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.user_id} {self.uscc}"


class CheckItem(models.Model):
    """One item of one edition of the checklist (domain.md §5.5); an edition never changes, a new one follows it.

    `fields`: who may judge it. Without a binding basis it leads to advice only (`binding`).
    """

    edition = models.CharField("版本", max_length=12)
    code = models.CharField("编号", max_length=8)
    dimension = models.CharField("维度", max_length=20)
    text = models.CharField("检查内容", max_length=200)
    methods = ArrayField(models.CharField(max_length=1), verbose_name="方法")
    severity = models.CharField("严重度", max_length=8, choices=Severity.choices)
    fields = ArrayField(models.CharField(max_length=8, choices=Field.choices), verbose_name="可以判定的部门")
    basis = models.CharField("依据", max_length=300, blank=True)
    binding = models.BooleanField("依据有强制力")
    how_to = models.CharField("怎么查", max_length=200)
    position = models.PositiveSmallIntegerField("顺序")

    objects = CheckItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查项目"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="check_item_once"),
            models.CheckConstraint(condition=Q(binding=False) | Q(basis__gt=""), name="check_item_binding_has_basis"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
