"""A batch import: the uploaded file, its state, and the rows that came back with problems."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..querysets import ImportJobQuerySet


class ImportJob(models.Model):
    """One uploaded table. A dry run reads and checks only; taking it puts the good rows in."""

    class State(models.TextChoices):
        WAITING = "WAITING", "等待检查"
        CHECKING = "CHECKING", "检查中"
        CHECKED = "CHECKED", "已检查，待入库"
        TAKING = "TAKING", "入库中"
        DONE = "DONE", "已完成"
        FAILED = "FAILED", "未能完成"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, verbose_name="文件")
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="+", verbose_name="登记机关"
    )
    # The file's while the import is open; empty once the table was deleted.
    fingerprint = models.CharField("内容指纹", max_length=64, blank=True, default="", editable=False)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    rows_seen = models.PositiveIntegerField("已检查行数", default=0)
    rows_new = models.PositiveIntegerField("新增", default=0)
    rows_changed = models.PositiveIntegerField("变更", default=0)
    rows_same = models.PositiveIntegerField("无变化", default=0)
    rows_bad = models.PositiveIntegerField("有误", default=0)
    rows_warned = models.PositiveIntegerField("有提示", default=0)
    problem = models.JSONField("未能完成的原因", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量导入"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "fingerprint"],
                condition=~Q(state="DONE") & Q(fingerprint__gt=""),
                name="import_one_open",
                violation_error_message="同一个文件已有一次没有完成的导入。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.get_state_display()}"


class ImportRow(models.Model):
    """One row with problems or warnings. The cells stay in the uploaded file: nothing personal is copied here."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField("行号")
    blocked = models.BooleanField("不能入库")
    problems = models.JSONField("问题")

    class Meta:
        verbose_name = verbose_name_plural = "导入问题行"
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.line}"
