"""An administrative inspection: who went, on what papers, what was found item by item, what came of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casework.models import Attachment, CaseBody

from ..choices import Entry, NoticeMode, ResultClass, Verdict, VisitKind
from ..querysets import VisitQuerySet
from .registers import CheckItem, EnforcementSubject, Matter, Officer


@pghistory.track()
class Visit(CaseBody):
    """The body of an inspection (domain-2.md B2.2). Who approved, notified and served stands in the case and its letters."""

    kind = models.CharField("检查类型", max_length=16, choices=VisitKind.choices)
    subject = models.ForeignKey(EnforcementSubject, on_delete=models.PROTECT, related_name="visits")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    edition = models.CharField("检查表版本", max_length=12)
    dimensions = ArrayField(models.CharField(max_length=20), default=list, verbose_name="检查维度")
    source_ref = models.CharField("来源", max_length=100, blank=True)
    from_above = models.CharField("上级部署文号", max_length=100, blank=True)
    planned_on = models.DateField("计划日期")
    notice_mode = models.CharField("通知方式", max_length=10, choices=NoticeMode.choices)
    officers = models.ManyToManyField(Officer, through="VisitOfficer", related_name="visits")
    entry = models.CharField("入企登记", max_length=8, choices=Entry.choices, blank=True)
    entry_reason = models.CharField("没有扫码的原因", max_length=200, blank=True)
    arrived_at = models.DateTimeField("到场时间", null=True, blank=True)
    left_at = models.DateTimeField("离场时间", null=True, blank=True)
    facts = models.TextField("现场情况", max_length=2000, blank=True)
    operator_words = models.CharField("被检查人意见", max_length=1000, blank=True)
    operator_name = models.CharField("被检查人签名", max_length=50, blank=True)
    refusal = models.CharField("拒签原因", max_length=200, blank=True)
    witness = models.CharField("拒签见证人", max_length=50, blank=True)
    result_class = models.CharField("检查结果", max_length=12, choices=ResultClass.choices, blank=True)
    concluded_on = models.DateField("结果形成日期", null=True, blank=True)
    published_on = models.DateField("公开日期", null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政检查"
        indexes = [models.Index(fields=["subject", "arrived_at"], name="visit_subject_arrived")]
        constraints = [
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | ~Q(entry="") & (~Q(entry=Entry.NONE) | Q(entry_reason__gt="")),
                name="visit_entered_by_code_or_reason",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(operator_name__gt="") | Q(refusal__gt="", witness__gt=""),
                name="visit_signed_or_refused_with_witness",
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(concluded_on__isnull=False),
                name="visit_published_after_result",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    @cached_property
    def crew(self) -> list[Officer]:
        """The officers of the visit, with their persons. One query."""
        return list(self.officers.select_related("user", "subject").order_by("certificate_no"))

    def has_in_crew(self, person: Any) -> bool:
        """Whether this person is one of the officers of the visit."""
        return person.pk in {one.user_id for one in self.crew}

    @cached_property
    def items(self) -> list[VisitItem]:
        """The items of the visit in the order of the list. One query."""
        return list(self.lines.select_related("item"))

    @property
    def counts(self) -> dict[str, int]:
        """How many items have each verdict; "" for those without."""
        found: dict[str, Any] = dict.fromkeys(["", *Verdict.values], 0)
        for line in self.items:
            found[line.verdict] += 1
        return found


class VisitOfficer(models.Model):
    """One officer of one visit."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="crew_rows")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "检查人员"
        constraints = [models.UniqueConstraint(fields=["visit", "officer"], name="visit_officer_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.officer_id}"


@pghistory.track()
class VisitItem(models.Model):
    """What was found on one item: facts only. The old value of what is changed later stays in the history."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(CheckItem, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField("结论", max_length=12, choices=Verdict.choices, blank=True)
    note = models.CharField("情况", max_length=500, blank=True)
    fixed_on_spot = models.BooleanField("当场已改正", default=False)
    repeated = models.BooleanField("十二个月内再次发现", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "逐项结论"
        ordering = ["visit_id", "item__position"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "item"], name="visit_item_once"),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.NOT_MET) | Q(note__gt=""), name="visit_item_not_met_says_what"
            ),
            models.CheckConstraint(
                condition=Q(fixed_on_spot=False) | Q(verdict=Verdict.NOT_MET), name="visit_item_fixed_was_wrong"
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.item_id}"


class VisitPhoto(models.Model):
    """A picture of one item (or of the whole): when the device took it, and its file with its hash."""

    line = models.ForeignKey(VisitItem, on_delete=models.PROTECT, null=True, blank=True, related_name="photos")
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "现场照片"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.line_id} {self.attachment_id}"
