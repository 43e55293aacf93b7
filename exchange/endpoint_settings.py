"""Setting an endpoint up and changing it: who may, where it may point, what it wants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department, Region
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .choices import EndpointStatus, EventType
from .client import check_url
from .delivery.views import allowed_targets
from .endpoint_changes import propose_change, withdraw_change
from .models import Endpoint, Subscription
from .querysets import OWNERS, own_departments
from .rights import refuse_closed
from .signatures import new_secret

# What can be subscribed to; a connectivity test goes to every endpoint that asks for one.
SUBSCRIBABLE = tuple(choice for choice in EventType if choice != EventType.PING_TEST)
CHANGEABLE = ("name", "url", "body_format", "grants", "timeout_seconds", "connections", "quiet_days_alarm")
# What sends data somewhere else, or more of it: asked by one, approved by another.
TWO_PERSONS = frozenset({"url", "grants"})
Wanted = Iterable[tuple[str, str]]


def department_for(actor: Any, code: str = "") -> Department:
    """The department whose endpoint the actor may set up. Raises Rejected (EXC-314) when it is open or not theirs."""
    if actor.has_role(Role.ADMIN):
        found = Department.objects.select_related("region").filter(code=code).first() if code else None
        if found is None:
            raise Rejected(Problem(codes.ENDPOINT_DEPARTMENT, "department", "请指明为哪个部门设置端点（部门代码）。"))
        return found
    own = own_departments(actor, OWNERS)
    if code and code not in own:
        words = "您不是该部门的系统对接人，不能为它设置端点。"
        raise Rejected(Problem(codes.ENDPOINT_DEPARTMENT, "department", words), status=403)
    if not code and len(own) != 1:
        raise Rejected(Problem(codes.ENDPOINT_DEPARTMENT, "department", "您在多个部门任职，请指明部门代码。"))
    return Department.objects.select_related("region").get(code=code or own[0])


def create_endpoint(
    *, department: Department, values: dict[str, Any], wanted: Wanted, actor: Any
) -> tuple[Endpoint, str]:
    """Set up an endpoint; returns it with its signing secret, which is not shown again. Its address waits for approval.

    `values` has names of `CHANGEABLE`, `wanted` pairs (region code, event type). Raises Rejected: EXC-00x for an address
    that is not allowed, EXC-311 for a taken name, EXC-312 for grants by anybody but an administrator, EXC-313 for a region
    that is not the department's.
    """
    _check(department, values, actor, grants_now=[])
    wanted = _checked_wanted(department, wanted)
    secret = new_secret()
    try:
        with transaction.atomic():
            endpoint = Endpoint.objects.create(
                department=department,
                secret=secret,
                created_by=actor,
                status=EndpointStatus.WAITING,
                **{k: values[k] for k in CHANGEABLE if k in values and k not in TWO_PERSONS},
            )
            propose_change(endpoint, url=values["url"], grants=sorted(values.get("grants", [])), actor=actor)
            _subscribe(endpoint, wanted)
            _keep("endpoint.created", "设置", endpoint, actor, {**_audit(values), "subscriptions": sorted(wanted)})
    except IntegrityError as error:
        raise _name_taken(error) from None
    return endpoint, secret


def change_endpoint(endpoint: Endpoint, *, values: dict[str, Any], wanted: Wanted | None, actor: Any) -> Endpoint:
    """Change what `values` names; `wanted` replaces the subscriptions unless None. Raises Rejected as above,
    and 409 (EXC-106) for a closed endpoint.

    Another address and further clear fields are only proposed: they take effect when another person approves. Clear
    fields that are given back stop at once.
    """
    with transaction.atomic():
        locked = (
            Endpoint.objects.select_for_update(of=("self",)).select_related("department__region").get(pk=endpoint.pk)
        )
        refuse_closed(locked)
        _check(locked.department, values, actor, grants_now=list(locked.grants))
        changed = {
            name: values[name] for name in CHANGEABLE if name in values and values[name] != getattr(locked, name)
        }
        if TWO_PERSONS & values.keys():
            _propose(locked, changed, values, actor)
        for name, value in changed.items():
            setattr(locked, name, value)
        try:
            with transaction.atomic():
                if changed:
                    locked.save(update_fields=list(changed))
        except IntegrityError as error:
            raise _name_taken(error) from None
        audit = _audit(changed)
        if wanted is not None:
            pairs = _checked_wanted(locked.department, wanted)
            before = set(locked.subscriptions.values_list("region_id", "event_type"))
            if pairs != before:
                locked.subscriptions.all().delete()
                _subscribe(locked, pairs)
                audit["subscriptions"] = sorted(pairs)
        if audit:
            _keep("endpoint.changed", "修改", locked, actor, audit)
    return locked


def _propose(locked: Endpoint, changed: dict[str, Any], values: dict[str, Any], actor: Any) -> None:
    """Take out of `changed` what needs another person, and ask for it. What `values` does not name stays asked for."""
    asked = locked.changes.waiting().first()
    url = values.get("url", asked.url if asked else locked.url)
    grants = set(values.get("grants", asked.grants if asked else locked.grants))
    if not actor.has_role(Role.ADMIN):
        # Another's wish for clear fields is not taken along under a new name.
        grants &= set(locked.grants)
    changed.pop("url", None)
    changed.pop("grants", None)
    kept = [name for name in locked.grants if name in grants]
    if kept != locked.grants:
        changed["grants"] = kept
    wanted = (url, grants)
    if asked is not None and wanted != (asked.url, set(asked.grants)):
        withdraw_change(locked, actor=actor)
        asked = None
    if asked is None and wanted != (locked.url, set(kept)):
        propose_change(locked, url=url, grants=sorted(grants), actor=actor)


def _check(department: Department, values: dict[str, Any], actor: Any, *, grants_now: list[str]) -> None:
    if "url" in values:
        check_url(values["url"], allowed_targets({department.pk}).get(department.pk, ()))
    added = set(values.get("grants", grants_now)) - set(grants_now)
    if added and not actor.has_role(Role.ADMIN):
        words = "明文字段涉及个人信息，只能由平台管理员按审批结果授权；其他字段照常遮盖推送。"
        raise Rejected(Problem(codes.ENDPOINT_GRANTS, "grants", words), status=403)


def _checked_wanted(department: Department, wanted: Wanted) -> set[tuple[str, str]]:
    """The pairs, each region inside the department's own area: nobody gets more than the area it serves."""
    pairs = {(str(region), str(kind)) for region, kind in wanted}
    prefixes = dict(Region.objects.filter(code__in={region for region, _ in pairs}).values_list("code", "prefix"))
    found = []
    for region, kind in sorted(pairs):
        if kind not in SUBSCRIBABLE:
            found.append(Problem("GEN-422", "subscriptions", f"没有“{kind[:40]}”这种事件，可选的见 /api/v1/codes/。"))
        elif not prefixes.get(region, "").startswith(department.region.prefix):
            words = f"辖区 {region[:12]} 不在{department.short_name}的管辖范围内，不能订阅。"
            found.append(Problem(codes.ENDPOINT_REGION, "subscriptions", words))
    if found:
        raise Rejected(found)
    return pairs


def _subscribe(endpoint: Endpoint, pairs: Wanted) -> None:
    Subscription.objects.bulk_create(
        Subscription(endpoint=endpoint, region_id=region, event_type=kind) for region, kind in sorted(pairs)
    )


def _name_taken(error: IntegrityError) -> Exception:
    if "endpoint_name_once" in str(error):
        return Rejected(Problem(codes.ENDPOINT_NAME_TAKEN, "name", "本部门已有同名的端点，请换一个名称。"), status=409)
    return error


def _audit(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in CHANGEABLE if name in values}


def _keep(action: str, verb: str, endpoint: Endpoint, actor: Any, data: dict[str, Any]) -> None:
    log_event(
        action,
        subject=f"exchange.endpoint:{endpoint.pk}",
        summary=f"{verb}“{endpoint.name}”的推送端点",
        actor=actor,
        region_prefix=endpoint.department.region.prefix,
        data=data,
    )
