"""One row for every case of every type; what a type knows besides hangs on it one to one."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yancheng_childcare.append_only import append_only
from yancheng_childcare.models import Deadline

from ..choices import SubjectKind
from ..kinds import type_of
from ..querysets import CaseQuerySet, DeputyQuerySet

# What a case is about, under which law, and who opened it: never written anew.
_FIXED = ("no", "type", "subject_kind", "subject_id", "opened_by_id", "governed_on")
IDENTITY = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in _FIXED)
_USER = settings.AUTH_USER_MODEL


@pghistory.track()
class Case(models.Model):
    """A case: which type, about what, where it stands, whose it is. The status changes by its type's table alone.

    `result` stands apart from the status: how it ended, in words of the type. `governed_on`: the law of that day holds
    for it to its end. `hold`: why it is kept longer than `keep_until`.
    """

    no = models.CharField("办件编号", max_length=30, unique=True)
    type = models.CharField("类型", max_length=24)
    status = models.CharField("状态", max_length=24)
    result = models.CharField("结果", max_length=24, blank=True)
    subject_kind = models.CharField("对象类别", max_length=16, choices=SubjectKind.choices)
    subject_id = models.CharField("对象标识", max_length=40, blank=True)
    subject_name = models.CharField("对象", max_length=100)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="+", verbose_name="承办单位"
    )
    assignee = models.ForeignKey(
        _USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办人"
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    governed_on = models.DateField("适用规定日")
    opened_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField("建立时间", auto_now_add=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    keep_until = models.DateField("保管至", null=True, blank=True)
    hold = models.CharField("暂缓销毁原因", max_length=200, blank=True)
    record_version = models.PositiveIntegerField("版本", default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, result="") | Q(closed_on__isnull=False, result__gt=""),
                name="case_closed_with_a_result",
            ),
        ]
        indexes = [
            models.Index(fields=["type", "status", "-id"], name="case_type_status"),
            models.Index(fields=["assignee", "status"], name="case_assignee"),
            models.Index(fields=["region", "type", "-id"], name="case_region"),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="identity",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(IDENTITY),
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def subject(self) -> str:
        """The key under which acts and clocks of this case are kept."""
        return f"casework.case:{self.no}"

    @cached_property
    def pending(self) -> dict[str, Any]:
        """The steps that wait for a second signature: name of the step → proposal. One query."""
        return {row.step: row for row in self.proposals.filter(outcome="PENDING").select_related("proposed_by")}

    @cached_property
    def clock(self) -> Deadline | None:
        """Its running clock that ends first; `clocks` forgets what was read when it moves them."""
        return Deadline.objects.running().of(self.subject).order_by("due_on").first()

    @property
    def body(self) -> Any:
        """What its type knows besides; None for a type without."""
        model = type_of(self).body
        return getattr(self, str(model._meta.model_name)) if model is not None else None


class CaseBody(models.Model):
    """What a type of case knows besides: a subclass adds its fields and hangs on the case one to one."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="%(class)s")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.case_id)


class Attachment(models.Model):
    """A file handed in with a case or a step of it; frozen: what was decided on stays what it was."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    step = models.CharField("步骤", max_length=24)
    added_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "办件附件"
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.case_id} {self.file_id}"


@pghistory.track()
class Deputy(models.Model):
    """Who looks after the cases of a colleague on leave (乙代甲). It gives no right that the deputy does not hold."""

    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", verbose_name="被代理人")
    deputy = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+", verbose_name="代理人")
    from_day = models.DateField("自")
    until_day = models.DateField("至")
    reason = models.CharField("事由", max_length=100)
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代理"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until_day__gte=F("from_day")), name="deputy_days"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} 代 {self.person_id}"

    def held_within(self, first: date, last: date) -> bool:
        """Whether it held on one of these days; the day on which it was ended early counts."""
        end = min(self.until_day, timezone.localdate(self.ended_at)) if self.ended_at else self.until_day
        return self.from_day <= last and first <= end
