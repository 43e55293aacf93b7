"""Where events go: a department's endpoints, what each subscribes to, and which hosts each may name."""

from __future__ import annotations

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from yancheng_childcare.crypto import EncryptedTextField

from ..choices import BodyFormat, EndpointStatus, EventType, GrantField
from ..querysets import EndpointQuerySet


@pghistory.track()
class AllowedTarget(models.Model):
    """A host and the networks it may resolve to, allowed for one department by an administrator (SSRF guard)."""

    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="allowed_targets", verbose_name="部门"
    )
    host = models.CharField("主机名", max_length=253)
    cidr = models.CharField("允许的网段", max_length=43, help_text="如 10.32.8.0/24")
    port = models.PositiveIntegerField("端口", validators=[MinValueValidator(1), MaxValueValidator(65535)])
    plain_http = models.BooleanField("允许不加密的 http（仅限本机演示与专网前置机）", default=False)
    reason = models.CharField("依据", max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "允许推送的目标"
        constraints = [
            models.UniqueConstraint(fields=["department", "host", "port", "cidr"], name="allowed_target_once")
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}（{self.cidr}）"


# What the engine writes on its own (health, circuit) is not history: it would write a row on every failure.
ENGINE_FIELDS = ["consecutive_failures", "circuit_until", "circuit_step", "last_success_at", "last_failure_at"]


@pghistory.track(exclude=["secret", "previous_secret", *ENGINE_FIELDS])
class Endpoint(models.Model):
    """One receiving system of one department."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="endpoints", verbose_name="部门"
    )
    name = models.CharField("名称", max_length=60)
    url = models.URLField("接收地址", max_length=500)
    body_format = models.CharField("格式", max_length=12, choices=BodyFormat.choices, default=BodyFormat.STANDARD)
    grants = ArrayField(
        models.CharField(max_length=32, choices=GrantField.choices), default=list, blank=True, verbose_name="明文字段"
    )
    status = models.CharField("状态", max_length=8, choices=EndpointStatus.choices, default=EndpointStatus.ACTIVE)
    secret = EncryptedTextField("签名密钥", purpose="exchange.endpoint.secret")
    previous_secret = EncryptedTextField("上一把密钥", purpose="exchange.endpoint.secret", null=True, blank=True)
    previous_secret_until = models.DateTimeField("上一把密钥停用时间", null=True, blank=True)
    timeout_seconds = models.PositiveSmallIntegerField(
        "超时（秒）", default=10, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    connections = models.PositiveSmallIntegerField(
        "并发连接数", default=16, validators=[MinValueValidator(1), MaxValueValidator(64)]
    )
    quiet_days_alarm = models.PositiveSmallIntegerField("多少天无事件时提醒", default=7)
    # Circuit: after repeated failures only one request probes until one gets through.
    consecutive_failures = models.PositiveIntegerField("连续失败", default=0)
    circuit_until = models.DateTimeField("熔断至", null=True, blank=True)
    circuit_step = models.PositiveSmallIntegerField("熔断级数", default=0)
    last_success_at = models.DateTimeField("最近成功", null=True, blank=True)
    last_failure_at = models.DateTimeField("最近失败", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送端点"
        ordering = ["department_id", "name"]
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="endpoint_name_once")]

    def __str__(self) -> str:
        return f"{self.department} · {self.name}"


@pghistory.track()
class Subscription(models.Model):
    """An endpoint wants one type of event of one region (all that lies under the region's path)."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="subscriptions")
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, verbose_name="辖区")
    event_type = models.CharField("事件", max_length=40, choices=EventType.choices)

    class Meta:
        verbose_name = verbose_name_plural = "订阅"
        constraints = [models.UniqueConstraint(fields=["endpoint", "region", "event_type"], name="subscription_once")]

    def __str__(self) -> str:
        return f"{self.region} {self.get_event_type_display()}"
