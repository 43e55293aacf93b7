"""Where events go: a department's endpoints, what each subscribes to, and which hosts each may name."""

from __future__ import annotations

import uuid
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.crypto import EncryptedTextField
from yancheng_childcare.models.approvals import TwoPersons, two_persons

from ..choices import BodyFormat, EndpointStatus, EventType, GrantField
from ..querysets import OWNERS, AllowedTargetQuerySet, EndpointChangeQuerySet, EndpointQuerySet


@pghistory.track()
class AllowedTarget(TwoPersons):
    """A host and the networks it may resolve to, allowed for one department by two administrators (SSRF guard)."""

    ACT = "allowed_target"

    department = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="allowed_targets", verbose_name="部门"
    )
    host = models.CharField("主机名", max_length=253)
    cidr = models.CharField("允许的网段", max_length=43, help_text="如 10.32.8.0/24")
    port = models.PositiveIntegerField("端口", validators=[MinValueValidator(1), MaxValueValidator(65535)])
    plain_http = models.BooleanField("允许不加密的 http（仅限本机演示与专网前置机）", default=False)
    reason = models.CharField("依据", max_length=200)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = AllowedTargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "允许推送的目标"
        constraints = [
            *two_persons("allowed_target"),
            models.UniqueConstraint(fields=["department", "host", "port", "cidr"], name="allowed_target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}（{self.cidr}）"

    def act_subject(self) -> str:
        return f"department:{self.department_id}"


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
    # Empty until a first address is approved; written by `endpoint_changes.apply_change` alone (security.md L8).
    url = models.URLField("接收地址", max_length=500, blank=True)
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
        constraints = [
            # A closed endpoint keeps its name in the log; another may take it.
            models.UniqueConstraint(
                fields=["department", "name"], condition=~Q(status=EndpointStatus.CLOSED), name="endpoint_name_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} · {self.name}"


@pghistory.track()
class EndpointChange(TwoPersons):
    """Another address, personal fields in clear, or the end of an endpoint: until another person approves, all goes on."""

    NOT_SHOWN = frozenset({"closed_at"})
    ACT = "endpoint_change"
    EFFECT = "exchange.endpoint_changes.apply_change"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="changes", verbose_name="端点")
    url = models.URLField("接收地址", max_length=500)
    grants = ArrayField(
        models.CharField(max_length=32, choices=GrantField.choices), default=list, blank=True, verbose_name="明文字段"
    )
    # Not empty: the endpoint is to be closed for good.
    closing_reason = models.CharField("关闭理由", max_length=300, blank=True)
    asked_at = models.DateTimeField("提出时间", auto_now_add=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = EndpointChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "端点变更"
        ordering = ["-id"]
        constraints = [
            *two_persons("endpoint_change"),
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(approved_by__isnull=True, closed_at__isnull=True),
                name="endpoint_change_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint}：{'永久关闭' if self.closing_reason else self.url}"

    def may_be_approved_by(self, person: Any) -> bool:
        """An administrator; for an address alone also another integrator of the department."""
        if person.has_role(Role.ADMIN):
            return True
        own = any(duty.department_id == self.endpoint.department_id for duty in person.duties_as(*OWNERS))
        return own and set(self.grants) <= set(self.endpoint.grants)

    def why_closed(self) -> str:
        return "已经撤回或被新的申请取代" if self.closed_at is not None else ""

    def act_subject(self) -> str:
        return f"exchange.endpoint:{self.endpoint_id}"

    def act_region(self) -> str:
        return self.endpoint.department.region.prefix


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
