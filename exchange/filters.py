"""What narrows the delivery log: its page and export, and the API's list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from rest_framework import serializers

from yancheng_childcare.api_filters import ApiFilter, parameter
from yancheng_childcare.api_input import Text
from yancheng_childcare.filters import ListFilter, choice, text
from yancheng_childcare.forms import WordedForm
from yancheng_childcare.problems import Problem, Rejected

from .choices import DeliveryStatus, EndpointStatus
from .endpoint_settings import SUBSCRIBABLE
from .models import Endpoint

STATUSES = [("OPEN", "未结束（含重试、需人工处理）"), *DeliveryStatus.choices]
FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)


def closed_mark(endpoint: Endpoint) -> str:
    """Tells a closed endpoint from another of the same name."""
    return "（已关闭）" if endpoint.status == EndpointStatus.CLOSED else ""


def _day(label: str, **more: Any) -> Any:
    return django_filters.DateFilter(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class DeliveryFilter(ListFilter):
    """The log's page; a value that cannot be read filters nothing and is named."""

    uscc = text("机构信用代码", method="of_institution")
    status = choice("状态", STATUSES, method="in_state")
    endpoint = choice("端点")
    since = _day("生成日期自", method="from_day")
    until = _day("生成日期至", method="to_day")

    class Meta:
        form = WordedForm

    def __init__(self, *args: Any, endpoints: list[Endpoint], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer(
            "endpoint",
            ((str(row.pk), f"{row.department.short_name} · {row.name}{closed_mark(row)}") for row in endpoints),
        )

    def of_institution(self, rows: Any, name: str, value: str) -> Any:
        """By the code, blanks between its groups allowed."""
        return rows.filter(subject="".join(value.split()).upper())

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """One state, or all that are not ended."""
        return rows.with_status(value)

    def from_day(self, rows: Any, name: str, value: date) -> Any:
        """From the first moment of that day on."""
        return rows.filter(created_at__gte=_start(value))

    def to_day(self, rows: Any, name: str, value: date) -> Any:
        """That day included."""
        return rows.filter(created_at__lt=_start(value) + timedelta(days=1))


def _start(day: date) -> datetime:
    """The first moment of a day here; years nobody means are pulled to the nearest that makes sense."""
    return datetime.combine(min(max(day, FIRST), LAST), time(), tzinfo=timezone.get_current_timezone())


class ApprovedFilter(ListFilter):
    """What one person entered and another approves: by what is still to be approved."""

    state = choice("状态", [("force", "有效"), ("waiting", "待批准")], method="in_state")

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """What counts, or what waits for another person."""
        return (
            rows.in_force()
            if value == "force"
            else rows.filter(approved_by__isnull=True).exclude(pk__in=rows.in_force())
        )


class DeliveryQuery(ApiFilter):
    """The API's list of deliveries."""

    uscc = parameter(Text(max_length=32, help_text="统一社会信用代码，全部 18 位。"), method="of_institution")
    status = parameter(
        serializers.ChoiceField(choices=[*DeliveryStatus.values, "OPEN"], help_text="OPEN：所有没有结束的。"),
        method="in_state",
    )
    endpoint = parameter(serializers.UUIDField(help_text="端点编号。"), "endpoint")
    created_since = parameter(serializers.DateTimeField(help_text="这一时刻（含）以后生成的。"), "created_at", "gte")
    created_until = parameter(serializers.DateTimeField(help_text="这一时刻（含）以前生成的。"), "created_at", "lte")

    def of_institution(self, rows: Any, name: str, value: str) -> Any:
        """By the whole code."""
        return rows.filter(subject=value.strip().upper())

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """One state, or all that are not ended."""
        return rows.with_status(value)


class EndpointQuery(ApiFilter):
    """The API's list of endpoints."""

    status = parameter(serializers.ChoiceField(choices=EndpointStatus.choices, help_text="端点的状态。"), "status")


class EventQuery(ApiFilter):
    """The change feed."""

    types = parameter(Text(max_length=400, help_text="事件类型，多个用英文逗号隔开。"), method="of_types")

    def of_types(self, rows: Any, name: str, value: str) -> Any:
        """Of the types of a comma-separated list. Raises Rejected (422) for one that does not exist."""
        types = [part.strip() for part in value.split(",") if part.strip()]
        if unknown := [part for part in types if part not in SUBSCRIBABLE]:
            words = f"没有“{unknown[0][:40]}”这种事件。可选：{'、'.join(SUBSCRIBABLE)}。"
            raise Rejected(Problem("GEN-422", "types", words))
        return rows.filter(type__in=types) if types else rows
