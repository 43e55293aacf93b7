"""事故事件台账: what happened, who was told when, the recording. Counts and ages; there is no place for a child's name."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework.models import CaseBody
from yancheng_childcare.append_only import append_only

from ..choices import IncidentKind, ToldTo
from ..incident_terms import AGES, DUTIES


@pghistory.track()
class Incident(CaseBody):
    """`due_at`: by when it must be told (None: no duty); `all_told_at`: when the last of those who must was told."""

    kind = models.CharField("类别", max_length=10, choices=IncidentKind.choices)
    happened_at = models.DateTimeField("发生时间")
    found_at = models.DateTimeField("发现时间")
    place = models.CharField("地点（房间）", max_length=100)
    children = models.PositiveSmallIntegerField("涉及孩子人数")
    ages = models.CharField("孩子年龄", max_length=100, blank=True)
    staff_on_duty = models.PositiveSmallIntegerField("当班人数")
    cases = models.CharField("每天新增病例", max_length=30, blank=True)
    what = models.CharField("经过", max_length=1000)
    first_aid = models.CharField("已采取的措施", max_length=500)
    due_at = models.DateTimeField("报告期限", null=True, blank=True)
    all_told_at = models.DateTimeField("报告完毕时间", null=True, blank=True)
    late_told_at = models.DateTimeField("超期提醒时间", null=True, blank=True)
    seen_at = models.DateTimeField("负责人知悉时间", null=True, blank=True)
    video_locked_at = models.DateTimeField("录像锁定时间", null=True, blank=True)
    video_where = models.CharField("录像保存位置", max_length=200, blank=True)
    cause = models.CharField("初步原因", max_length=500, blank=True)
    measures = models.CharField("处置和改进", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "事故事件"
        indexes = [models.Index(fields=["due_at"], condition=Q(all_told_at=None), name="incident_untold")]
        constraints = [
            models.CheckConstraint(condition=Q(found_at__gte=F("happened_at")), name="incident_found_after"),
            models.CheckConstraint(condition=Q(ages__regex=AGES), name="incident_ages_no_name"),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    @property
    def untold(self) -> list[Any]:
        """Who must be told and was not yet."""
        told = {row.to for row in self.told.all()}
        return [one for one in DUTIES[self.kind].to if one not in told]


class IncidentTold(models.Model):
    """One telling: to whom, when, by whom, under which number. Never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="told")
    to = models.CharField("报告对象", max_length=10, choices=ToldTo.choices)
    told_at = models.DateTimeField("报告时间")
    by = models.CharField("报告人岗位", max_length=50)
    number = models.CharField("接报编号", max_length=60, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "事件报告记录"
        ordering = ["told_at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "to"], name="incident_told_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.incident_id} {self.to}"
