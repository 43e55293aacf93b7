"""What is kept: acts (append-only) and files (content encrypted on the disk)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ..append_only import append_only
from ..choices import LOOKS
from ..crypto import EncryptedTextField
from ..querysets import EventQuerySet, StoredFileQuerySet


class Event(models.Model):
    """One act, kept for good: who did what to which case, what it was decided on. Never holds clear personal data."""

    at = models.DateTimeField("时间", db_default=Now(), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="操作人",
    )
    actor_label = models.CharField("操作人（当时）", max_length=120)
    action = models.CharField("动作", max_length=60, db_index=True)
    subject = models.CharField("对象", max_length=80, db_index=True)
    region_prefix = models.CharField("辖区路径", max_length=60, blank=True)
    succeeded = models.BooleanField("成功", default=True)
    summary = models.CharField("摘要", max_length=300)
    data = models.JSONField("快照", default=dict, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        ordering = ["-id"]
        # The auditors' page: looks are few among all acts, so they have indexes of their own.
        indexes = [
            models.Index(fields=["id"], condition=models.Q(action__in=LOOKS), name="event_looks"),
            models.Index(fields=["actor", "id"], condition=models.Q(action__in=LOOKS), name="event_looks_by"),
            models.Index(fields=["at"], condition=models.Q(action__in=LOOKS), name="event_looks_at"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class StoredFile(models.Model):
    """One file that was taken in (`files.intake`): checked, encrypted under a key of its own, never overwritten.

    `content` is its place on the disk, `content_key` the key that opens it. Who may open a file says its purpose
    (`file_purposes`). After `deleted_at` only this row is left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = models.UUIDField("存放位置", default=uuid.uuid4, editable=False, db_index=True)
    content_key = EncryptedTextField(
        "文件密钥", purpose="yancheng_childcare.stored_file.content_key", blank=True, default="", editable=False
    )
    # Keyed: with a plain hash a copy of the database could be asked whether a guessed table is the uploaded one.
    fingerprint = models.CharField("内容指纹", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小（字节）")
    kind = models.CharField("类型", max_length=12)
    content_type = models.CharField("内容类型", max_length=100)
    pages = models.PositiveIntegerField("页数", default=1)
    original_name = models.CharField("原文件名", max_length=120)
    purpose = models.CharField("用途", max_length=40)
    region = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, null=True, blank=True, verbose_name="辖区"
    )
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name="部门"
    )
    uscc = models.CharField("所属机构", max_length=18, blank=True, db_index=True)
    scan_state = models.CharField(
        "查毒", max_length=8, default="CLEAN", choices=[("WAITING", "待查毒"), ("CLEAN", "通过")]
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="上传人"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    deleted_at = models.DateTimeField("内容删除时间", null=True, blank=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc", "fingerprint"],
                condition=models.Q(purpose="person-import", deleted_at__isnull=True),
                name="person_import_once",
            )
        ]

    def __str__(self) -> str:
        return self.original_name


class StorageMark(models.Model):
    """The mark that lies in FILE_ROOT, so that a process with another folder is noticed when it starts."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    mark = models.CharField("存储标记", max_length=32)
    created_at = models.DateTimeField("写入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件存储标记"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="storage_mark_one")]

    def __str__(self) -> str:
        return self.mark
