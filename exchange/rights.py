"""What a person may do with one delivery or endpoint: asked by pages, API and templates alike."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.choices import Role
from yancheng_childcare.problems import Problem, Rejected

from . import error_codes as codes
from .choices import EndpointStatus, GrantField
from .models import Delivery, Endpoint
from .querysets import OWNERS, RECIPIENTS, own_departments


def owns(user: Any, endpoint: Endpoint) -> bool:
    """Whether the user may change this endpoint: the department's integrator or an administrator."""
    return user.has_role(Role.ADMIN) or endpoint.department_id in own_departments(user, OWNERS)


def may_resend(user: Any, delivery: Delivery) -> bool:
    """重发: the endpoint's owners, and the authority that made the registration (it must see it arrive)."""
    if owns(user, delivery.endpoint):
        return True
    made_by = (delivery.event.data.get("registry_org") or {}).get("code")
    return made_by in own_departments(user, frozenset({Role.REGISTRAR}))


def may_skip(user: Any, delivery: Delivery) -> bool:
    """不再推送: a decision of the receiving department or of an administrator, while the push is open."""
    return delivery.closed_at is None and owns(user, delivery.endpoint)


def readable_fields(user: Any, endpoint: Endpoint) -> frozenset[str]:
    """Granted personal fields this user may see in clear in the log: only the receiving department's own people."""
    if endpoint.department_id in own_departments(user, RECIPIENTS):
        return frozenset(endpoint.grants) & frozenset(GrantField.values)
    return frozenset()


def refuse_closed(endpoint: Endpoint) -> None:
    """Raises Rejected 409 (EXC-106) for an endpoint that was closed for good: it is only looked at."""
    if endpoint.status == EndpointStatus.CLOSED:
        words = f"端点“{endpoint.name}”已经关闭，只能查看以前的记录。需要推送的，请新建端点。"
        raise Rejected(Problem(codes.ENDPOINT_STATE, "", words), status=409)


def refuse_unless(allowed: bool) -> None:
    """Raises Rejected (403) for an object the user may see but not change."""
    if not allowed:
        words = "您可以查看，但不能这样操作。请由接收部门的系统对接人或平台管理员办理。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
