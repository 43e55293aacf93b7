"""The working-day calendar's exceptions and the clocks that run on it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from ..choices import ClockKind
from ..querysets import DeadlineQuerySet


@pghistory.track()
class SpecialDay(models.Model):
    """A day whose kind differs from the built-in calendar: it wins over it (domain.md §14.1)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("上班")
    name = models.CharField("说明", max_length=60)
    source = models.CharField("依据", max_length=200, help_text="如：国办发明电〔2025〕7号")
    provisional = models.BooleanField("暂定", default=False)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作日调整"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}（{'上班' if self.is_workday else '放假'}）"


class Deadline(models.Model):
    """One running clock of one case. `subject` is `app.model:key`; a change of the calendar recomputes open ones."""

    subject = models.CharField("事项", max_length=80)
    code = models.CharField("时限代码", max_length=24)
    label = models.CharField("说明", max_length=80)
    source = models.CharField("依据", max_length=120)
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, verbose_name="辖区")
    kind = models.CharField("计日方式", max_length=8, choices=ClockKind.choices, default=ClockKind.WORKDAYS)
    started_on = models.DateField("起算日")
    days = models.PositiveSmallIntegerField("天数")
    due_on = models.DateField("届满日", db_index=True)
    provisional = models.BooleanField("暂定", default=False)
    paused_on = models.DateField("暂停自", null=True, blank=True)
    pause_reason = models.CharField("暂停原因", max_length=120, blank=True)
    paused_days = models.PositiveSmallIntegerField("累计暂停天数", default=0)
    closed_on = models.DateField("办结日", null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "code"], condition=Q(closed_on__isnull=True), name="deadline_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}（{self.due_on}）"
