"""What the exchange's calls take, checked strictly, and what they give, for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from yancheng_childcare.api_input import StrictSerializer, Text, Truth, Whole

from ..choices import BodyFormat, DeliveryStatus, EndpointStatus, EventType, GrantField
from ..endpoint_settings import SUBSCRIBABLE

Out = serializers.Serializer[Any]
TYPES = [(choice.value, choice.label) for choice in SUBSCRIBABLE]


class Choice(serializers.ChoiceField):
    """A choice that takes only text."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class Id(serializers.UUIDField):
    """A UUID as text; a number is none."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=str(data)[:40])
        return super().to_internal_value(data)


# --- taken in --------------------------------------------------------------------------------------------------------
class SubscriptionIn(StrictSerializer):
    """One wish: this type of event in this region and all below it."""

    region = Text(max_length=12, help_text="区划代码，须在本部门管辖范围内。")
    event_type = Choice(choices=TYPES)


class EndpointIn(StrictSerializer):
    """A new endpoint."""

    department = Text(required=False, max_length=32, help_text="部门代码；只在一个部门任职的不用填。")
    name = Text(max_length=60)
    url = Text(max_length=500, help_text="https 地址，主机和端口须在本部门的允许名单里。")
    body_format = Choice(choices=BodyFormat.choices, required=False)
    grants = serializers.ListField(child=Choice(choices=GrantField.choices), required=False, max_length=10)
    timeout_seconds = Whole(required=False, min_value=1, max_value=30)
    connections = Whole(required=False, min_value=1, max_value=64)
    quiet_days_alarm = Whole(required=False, min_value=1, max_value=365)
    subscriptions = SubscriptionIn(many=True, required=False, max_length=500)  # type: ignore[call-arg]  # of the list


class EndpointChanges(EndpointIn):
    """Only what is to change; subscriptions are replaced as a whole."""

    department = None  # type: ignore[assignment]  # DRF's way to drop an inherited field
    name = Text(required=False, max_length=60)
    url = Text(required=False, max_length=500)  # type: ignore[call-arg]  # of the list


class RotateIn(StrictSerializer):
    """How long the old secret signs as well."""

    overlap_hours = Whole(
        required=False,
        default=24,
        min_value=0,
        max_value=720,
        help_text="新旧两把密钥并行的小时数，0 为立即停用旧密钥。",
    )


class Nothing(StrictSerializer):
    """No members."""


class ReceiptIn(StrictSerializer):
    """What the department did with the event."""

    event_id = Id(help_text="推送内容里的 data.event_id。")
    handled = Truth(help_text="true 已处置，false 只表示已接收、正在办理。")
    remark = Text(required=False, default="", max_length=500, allow_blank=True, help_text="说明，不要写个人信息。")
    handled_at = serializers.DateTimeField(help_text="带时区，例如 2026-11-23T09:30:00+08:00。")
    department = Text(required=False, max_length=32, help_text="部门代码；只在一个部门任职的不用填。")


class EventPosition(StrictSerializer):
    """Where to go on in the change feed."""

    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**63 - 1, help_text="上次得到的 position；0 从头开始。"
    )
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=500)


# --- given out -------------------------------------------------------------------------------------------------------
class DepartmentOut(Out):
    code = serializers.CharField()
    name = serializers.CharField()


class SubscriptionOut(Out):
    region = serializers.CharField()
    event_type = serializers.ChoiceField(choices=EventType.choices)


class EndpointLinks(Out):
    self = serializers.CharField()
    deliveries = serializers.CharField()


class WaitingOut(Out):
    url = serializers.CharField()
    grants = serializers.ListField(child=serializers.ChoiceField(choices=GrantField.choices))
    asked_at = serializers.DateTimeField()


class EndpointOut(Out):
    id = serializers.UUIDField()
    department = DepartmentOut()
    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True, help_text="生效的接收地址；还没有批准过地址时为空。")
    body_format = serializers.ChoiceField(choices=BodyFormat.choices)
    grants = serializers.ListField(child=serializers.ChoiceField(choices=GrantField.choices))
    status = serializers.ChoiceField(choices=EndpointStatus.choices)
    waiting = WaitingOut(allow_null=True, help_text="已提出、待另一人在页面上批准的接收地址和明文字段。")
    timeout_seconds = serializers.IntegerField()
    connections = serializers.IntegerField()
    quiet_days_alarm = serializers.IntegerField()
    subscriptions = SubscriptionOut(many=True)
    both_signatures_until = serializers.DateTimeField(allow_null=True)
    circuit_open = serializers.BooleanField()
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_failure_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    actions = serializers.ListField(child=serializers.CharField())
    links = EndpointLinks()


class EndpointCreated(EndpointOut):
    secret = serializers.CharField(help_text="签名密钥，只显示这一次。")


class SecretOut(Out):
    secret = serializers.CharField(help_text="新的签名密钥，只显示这一次。")
    both_signatures_until = serializers.DateTimeField(allow_null=True, help_text="此前推送同时带新旧两个签名。")


class PingOut(Out):
    ok = serializers.BooleanField()
    code = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    latency_ms = serializers.IntegerField()
    response = serializers.CharField(allow_blank=True)
    webhook_id = serializers.CharField()


class EventOut(Out):
    position = serializers.IntegerField()
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=EventType.choices)
    subject = serializers.CharField()
    version = serializers.IntegerField()
    region_code = serializers.CharField()
    timestamp = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # DRF takes declared fields off the class


class DeliveryEndpoint(Out):
    id = serializers.UUIDField()
    name = serializers.CharField()
    department = DepartmentOut()


class DeliveryLinks(Out):
    self = serializers.CharField()


class DeliveryOut(Out):
    webhook_id = serializers.CharField()
    event_id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=EventType.choices)
    uscc = serializers.CharField()
    version = serializers.IntegerField()
    endpoint = DeliveryEndpoint()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    last_code = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    last_error_label = serializers.CharField(allow_blank=True)
    latency_ms = serializers.IntegerField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    attempted_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    decision_reason = serializers.CharField(allow_blank=True)
    links = DeliveryLinks()


class AttemptOut(Out):
    at = serializers.DateTimeField()
    code = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    error_label = serializers.CharField(allow_blank=True)
    latency_ms = serializers.IntegerField()
    response = serializers.CharField(allow_blank=True)


class ReceiptOut(Out):
    id = serializers.IntegerField()
    event_id = serializers.UUIDField()
    uscc = serializers.CharField()
    department = DepartmentOut()
    handled = serializers.BooleanField()
    remark = serializers.CharField(allow_blank=True)
    handled_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()


class DeliveryDetailOut(DeliveryOut):
    data = serializers.DictField(help_text="推送内容，个人字段遮盖。")  # type: ignore[assignment]  # DRF takes declared fields off the class
    waits_for = serializers.CharField(allow_null=True, help_text="同一机构更早、尚未结束的推送；它结束后才轮到这一条。")
    tries = AttemptOut(many=True)
    receipts = ReceiptOut(many=True)
    actions = serializers.ListField(child=serializers.CharField())


def _page(name: str, item: type[Out], **more: Any) -> type[Out]:
    fields = {
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": item(many=True),
        "count": serializers.IntegerField(required=False),
        **more,
    }
    return type(name, (serializers.Serializer,), fields)


EndpointPage = _page("EndpointPage", EndpointOut)
DeliveryPage = _page("DeliveryPage", DeliveryOut)
EventPage = _page(
    "EventPage",
    EventOut,
    position=serializers.IntegerField(help_text="读到的位置；没有更多时，下次从这里接着读。"),
)
