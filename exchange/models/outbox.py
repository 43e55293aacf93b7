"""The outbox: an event is written in the same transaction as the change; deliveries are made from it.

`position` is given under one advisory lock when the event is fanned out, so it follows commit order: readers of the
change feed never miss a late commit, and deliveries of one institution are created in its own order.
"""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yancheng_childcare.append_only import Moving, append_only
from yancheng_childcare.crypto import EncryptedTextField

from ..choices import DeliveryStatus, EventType
from ..querysets import DeliveryQuerySet, OutboxEventQuerySet, ReceiptQuerySet


class OutboxEvent(models.Model):
    """What happened, as it was true then. `data` holds no clear personal data; `sealed` holds those fields encrypted."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField("事件编号", unique=True, default=uuid.uuid4, editable=False)
    type = models.CharField("事件", max_length=40, choices=EventType.choices)
    subject = models.CharField("机构代码", max_length=18, db_index=True)
    version = models.PositiveIntegerField("记录版本")
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, verbose_name="辖区")
    occurred_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间", db_default=Now())
    data = models.JSONField("内容")
    sealed = EncryptedTextField("加密字段", purpose="exchange.outbox.sealed", null=True, blank=True)
    position = models.BigIntegerField("顺序号", null=True, unique=True)

    objects = OutboxEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待推送事件"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["subject", "version", "type"], name="outbox_event_once")]
        indexes = [models.Index(fields=["id"], condition=Q(position__isnull=True), name="outbox_not_fanned_out")]
        triggers = append_only(
            # The place in the feed is given after the row was written, at the fan-out.
            Moving(name="unchanged", condition=pgtrigger.AnyChange(exclude=["position"]), moves={"position": ""})
        )

    def __str__(self) -> str:
        return f"{self.type} {self.subject} v{self.version}"


class Delivery(models.Model):
    """One event to one endpoint. The engine owns `status`; only the oldest open delivery of a stream may be sent.

    A stream is (endpoint, subject). `lease` fences: a sender that lost its lease cannot settle (reliability.md E1).
    """

    id = models.BigAutoField(primary_key=True)
    webhook_id = models.CharField("推送编号", max_length=64, unique=True, editable=False)
    # No index of its own: `delivery_once` and the partial indexes begin with it, and every index costs each push.
    endpoint = models.ForeignKey(
        "exchange.Endpoint", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="deliveries")
    subject = models.CharField("机构代码", max_length=18)
    status = models.CharField("状态", max_length=10, choices=DeliveryStatus.choices, db_default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField("次数", db_default=0)
    due_at = models.DateTimeField("下次推送", db_default=Now())
    lease = models.UUIDField(null=True, blank=True)
    last_code = models.PositiveSmallIntegerField("最近响应码", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=40, blank=True, db_default="")
    latency_ms = models.PositiveIntegerField("耗时（毫秒）", null=True, blank=True)
    same_refusals = models.PositiveSmallIntegerField("连续相同拒绝", db_default=0)
    created_at = models.DateTimeField("生成时间", db_default=Now())
    attempted_at = models.DateTimeField("最近推送", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decision_reason = models.CharField("决定理由", max_length=300, blank=True, db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "subject", "id"], condition=Q(closed_at__isnull=True), name="delivery_stream"
            ),
            models.Index(fields=["endpoint", "due_at"], condition=Q(closed_at__isnull=True), name="delivery_due"),
            models.Index(fields=["subject", "-id"], name="delivery_subject"),
        ]

    def __str__(self) -> str:
        return self.webhook_id


class DeliveryAttempt(models.Model):
    """One try: what came back. Kept at least three years (网络数据安全管理条例 第12条: records of providing data)."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField("时间")
    code = models.PositiveSmallIntegerField("响应码", null=True)
    error = models.CharField("错误", max_length=40, blank=True)
    latency_ms = models.PositiveIntegerField("耗时（毫秒）")
    response = models.CharField("响应摘录", max_length=4096, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "推送尝试"
        ordering = ["-id"]
        # Written in the order of time: a block-range index finds the last days and costs the hot path nothing.
        indexes = [BrinIndex(fields=["at"], name="delivery_attempt_at", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.code or self.error}"


class Receipt(models.Model):
    """A department says what it did with an event: received is not handled (product.md D6). Append-only."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="receipts", verbose_name="事件")
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="receipts", verbose_name="部门"
    )
    subject = models.CharField("机构代码", max_length=18, db_index=True)
    handled = models.BooleanField("已处置")
    remark = models.CharField("说明", max_length=500, blank=True)
    handled_at = models.DateTimeField("处置时间")
    received_at = models.DateTimeField("收到时间", db_default=Now())
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "处置回执"
        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "subject", "handled"], name="receipt_ledger")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.subject} {self.department_id} {'已处置' if self.handled else '未处置'}"
