"""Plans of inspection and their draws (国办发〔2024〕54号; domain-2.md B3): nothing of a draw changes once its source can be known."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework.models import CaseBody
from yancheng_childcare.append_only import append_only

from .registers import EnforcementSubject, Matter, Officer

_USER = settings.AUTH_USER_MODEL
_RULES = ("plan_id", "source", "source_at", "rate", "total", "all_below", "visits_until")


@pghistory.track()
class Plan(CaseBody):
    """年度检查计划 or 专项检查计划: published before it is used; a special one only with the county government's approval."""

    year = models.PositiveSmallIntegerField("年度")
    special = models.BooleanField("专项", default=False)
    title = models.CharField("名称", max_length=100)
    subject = models.ForeignKey(EnforcementSubject, on_delete=models.PROTECT, related_name="plans")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    content = models.CharField("内容和比例", max_length=1000)
    approval_ref = models.CharField("县级以上人民政府批准文号", max_length=100, blank=True)
    filed_no = models.CharField("向司法行政部门备案的编号", max_length=100, blank=True)
    published_on = models.DateField("公布日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查计划"
        constraints = [
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | Q(special=False) | Q(approval_ref__gt=""),
                name="plan_special_published_with_approval",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]


@pghistory.track()
class Batch(CaseBody):
    """One draw. `fingerprint` is published before `source_at`; two witnesses type the source; the seed is made once."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="batches")
    source = models.CharField("公开随机源", max_length=200)
    source_at = models.DateTimeField("随机源产生的时间")
    rate = models.PositiveSmallIntegerField("比例（%）", null=True, blank=True)
    total = models.PositiveIntegerField("抽取总数", null=True, blank=True)
    all_below = models.PositiveSmallIntegerField("少于几家时全部检查", default=0)
    visits_until = models.DateField("检查完成日期")
    frozen_at = models.DateTimeField("固化时间", null=True, blank=True)
    fingerprint = models.CharField("名录指纹", max_length=64, blank=True)
    first_text = models.CharField("随机源（第一见证人）", max_length=200, blank=True)
    first_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    second_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seed = models.CharField("种子", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽查批次"
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__isnull=True, total__isnull=False) | Q(rate__isnull=False, total__isnull=True),
                name="batch_rate_or_total",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(first_by=F("second_by")), name="batch_two_witnesses"
            ),
            models.CheckConstraint(
                condition=Q(seed="") | Q(fingerprint__gt="", first_by__isnull=False, second_by__isnull=False),
                name="batch_drawn_from_frozen_pool",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(frozen_at__lt=F("source_at")), name="batch_frozen_before_source"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.fingerprint <> '' AND (NEW.fingerprint <> OLD.fingerprint OR "
                    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _RULES)
                    + ") OR OLD.seed <> '' AND (NEW.seed <> OLD.seed OR NEW.first_text <> OLD.first_text)"
                ),
            ),
        ]


class DrawFile(models.Model):
    """One published file of a batch, byte for byte."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="files")
    name = models.CharField("文件名", max_length=40)
    stage = models.CharField("阶段", max_length=10)
    content = models.BinaryField()
    published_at = models.DateTimeField("公布时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽查公布文件"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["batch", "name", "stage"], name="draw_file_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.batch_id} {self.name}"


class Gone(models.Model):
    """A place drawn that was cancelled or closed before its visit: the next of the published reserve takes its turn."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="gone")
    row_id = models.CharField("编号", max_length=64)
    reason = models.CharField("事由", max_length=12, choices=[("CANCELLED", "登记已经终止"), ("CLOSED", "已经停业")])
    known_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽查递补"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["batch", "row_id"], name="gone_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.batch_id} {self.row_id[:8]}"


class DrawRow(models.Model):
    """Who is behind an id: known to the institution, the witnesses, the justice supervisor and the auditor alone."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    row_id = models.CharField("编号", max_length=64)
    salt = models.CharField("盐", max_length=64)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    weight = models.PositiveSmallIntegerField("权重", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "抽查名录对照"
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_id"], name="draw_row_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.batch_id} {self.row_id[:8]}"
