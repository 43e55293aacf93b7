"""Another address, clear fields or the end of an endpoint: proposed by one, approved by another (security.md L8,
reliability.md T30).

Until then pushes go where they went; a new endpoint gets nothing, its pushes wait.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .choices import EndpointStatus
from .client import check_url
from .closing import close_endpoint
from .delivery.views import allowed_targets
from .doorbell import ring
from .models import Endpoint, EndpointChange
from .querysets import OWNERS
from .rights import refuse_closed


def propose_change(
    endpoint: Endpoint, *, url: str, grants: list[str], actor: Any, closing_reason: str = ""
) -> EndpointChange:
    """Ask for an address and clear fields, or with a reason for the endpoint's end.

    Call with the endpoint locked and nothing waiting (`withdraw_change`).
    """
    change = EndpointChange.objects.create(
        endpoint=endpoint, url=url, grants=grants, closing_reason=closing_reason,
        granted_by=actor if getattr(actor, "pk", None) else None,
    )  # fmt: skip
    _keep("endpoint_change.granted", "提出更改", change, actor)
    others = [p for p in holders(*OWNERS, department=endpoint.department_id) if p.pk != getattr(actor, "pk", None)]
    who = f"{actor.display_name}提出" if getattr(actor, "pk", None) else "有人提出"
    words = f"{who}{_what(change)}，须由另一人批准。批准前按原来的设置推送。"
    notify(others, title="推送端点待批准", body=words, url=f"/exchange/endpoints/{endpoint.pk}/")
    return change


def propose_closing(endpoint: Endpoint, *, reason: str, actor: Any) -> EndpointChange:
    """Ask for the endpoint's end; what else was asked for is withdrawn. Raises Rejected: EXC-103 without a reason of at
    least four characters, 409 (EXC-106) for an endpoint that is closed already.
    """
    reason = reason.strip()
    if len(reason) < 4:
        raise Rejected(Problem(codes.REASON_MISSING, "reason", "请写明关闭的理由（至少 4 个字），它会永久保留。"))
    with transaction.atomic():
        locked = Endpoint.objects.select_for_update(of=("self",)).select_related("department").get(pk=endpoint.pk)
        refuse_closed(locked)
        withdraw_change(locked, actor=actor)
        return propose_change(
            locked, url=locked.url, grants=list(locked.grants), actor=actor, closing_reason=reason[:300]
        )


def withdraw_change(endpoint: Endpoint, *, actor: Any) -> bool:
    """End what is asked and not approved; returns whether there was any."""
    with transaction.atomic():
        change = endpoint.changes.waiting().select_for_update(of=("self",)).first()
        if change is None:
            return False
        change.closed_at = timezone.now()
        change.save(update_fields=["closed_at"])
        _keep("endpoint_change.withdrawn", "撤回更改", change, actor)
    return True


def apply_change(change: EndpointChange, actor: Any) -> None:
    """The endpoint takes what was approved, or ends; called by `approvals` in its transaction.

    Raises Rejected (EXC-00x) when the address has left the allow-list since.
    """
    endpoint = Endpoint.objects.select_for_update(of=("self",)).get(pk=change.endpoint_id)
    change.closed_at = timezone.now()
    change.save(update_fields=["closed_at"])
    if change.closing_reason:
        close_endpoint(endpoint, change, actor)
        return
    check_url(change.url, allowed_targets({endpoint.department_id}).get(endpoint.department_id, ()))
    endpoint.url, endpoint.grants = change.url, change.grants
    if endpoint.status == EndpointStatus.WAITING:
        endpoint.status = EndpointStatus.ACTIVE
        transaction.on_commit(ring)
    endpoint.save(update_fields=["url", "grants", "status"])


def _what(change: EndpointChange) -> str:
    return (
        f"永久关闭端点“{change.endpoint.name}”"
        if change.closing_reason
        else f"更改“{change.endpoint.name}”的接收地址或明文字段"
    )


def _keep(action: str, verb: str, change: EndpointChange, actor: Any) -> None:
    log_event(
        action,
        subject=change.act_subject(),
        summary=f"{verb}：{_what(change)}",
        actor=actor,
        region_prefix=change.act_region(),
        data={"url": change.url, "grants": change.grants, "closing_reason": change.closing_reason},
    )
