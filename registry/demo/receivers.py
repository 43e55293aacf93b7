"""The two demo receivers as endpoints: each for the city's department and for 亭湖区's, so both desks have pushes."""

from __future__ import annotations

import os
from dataclasses import dataclass

from exchange.choices import EventType, GrantField
from exchange.models import AllowedTarget, Endpoint, Subscription
from exchange.signatures import new_secret
from yancheng_childcare.models import User
from yancheng_childcare.records import log_event

HOST, NETWORK = "127.0.0.1", "127.0.0.1/32"
REASON = "演示接收端（本机）"
EVENTS = tuple(event.value for event in EventType if event != EventType.PING_TEST)


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiving program of the local portal; port and secret come from the environment (local/demo.py)."""

    name: str
    kind: str
    port_variable: str
    default_port: int
    secret_variable: str
    grants: tuple[str, ...]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(os.environ.get(self.port_variable) or self.default_port)

    @property
    def url(self) -> str:
        """Its receiving address."""
        return f"http://{HOST}:{self.port}/webhooks"

    @property
    def secret(self) -> str:
        """The signing secret it verifies with; empty when the environment has none."""
        return os.environ.get(self.secret_variable, "")


RECEIVERS = (
    Receiver(
        "卫健演示接收端", "HEALTH", "DEMO_RECEIVER_HEALTH_PORT", 8001, "DEMO_HEALTH_SECRET",
        (GrantField.CONTACT_PHONE.value,),
    ),
    Receiver(
        "公安演示接收端", "POLICE", "DEMO_RECEIVER_POLICE_PORT", 8002, "DEMO_POLICE_SECRET",
        (GrantField.LEGAL_REP_ID_NO.value, GrantField.CONTACT_PHONE.value),
    ),
)  # fmt: skip
# domain.md §1.4: one copy for the city's department, one for the county's.
REGIONS = ("320900", "320902")


def ensure_receivers(admin: User) -> int:
    """Endpoints, allowed targets and subscriptions of the demo receivers; address and secret follow the environment.

    Returns how many endpoints were made or brought up to date; 0 when all is as it was.
    """
    return sum(
        _make(receiver, region, admin) or _refresh(receiver, region) for receiver in RECEIVERS for region in REGIONS
    )


def refresh_receivers() -> int:
    """Only bring existing demo endpoints up to date (another port, another secret); returns how many changed."""
    return sum(_refresh(receiver, region) for receiver in RECEIVERS for region in REGIONS)


def _department(receiver: Receiver, region: str) -> str:
    return f"{region}-{receiver.kind}"


def _make(receiver: Receiver, region: str, admin: User) -> bool:
    """The endpoint with its subscriptions, unless it is there."""
    department = _department(receiver, region)
    if Endpoint.objects.filter(department_id=department, name=receiver.name).exists():
        return False
    _allow(department, receiver.port)
    endpoint = Endpoint.objects.create(
        department_id=department,
        name=receiver.name,
        url=receiver.url,
        secret=receiver.secret or new_secret(),
        grants=list(receiver.grants),
        created_by=admin,
    )
    Subscription.objects.bulk_create(
        Subscription(endpoint=endpoint, region_id=region, event_type=event) for event in EVENTS
    )
    _keep(endpoint, f"登记演示推送端点“{receiver.name}”")
    return True


def _refresh(receiver: Receiver, region: str) -> bool:
    """Address and secret as the environment has them now."""
    department = _department(receiver, region)
    endpoint = Endpoint.objects.filter(department_id=department, name=receiver.name).first()
    secret = receiver.secret
    if endpoint is None or (endpoint.url == receiver.url and secret in {"", endpoint.secret}):
        return False
    _allow(department, receiver.port)
    endpoint.url = receiver.url
    endpoint.secret = secret or endpoint.secret
    endpoint.save(update_fields=["url", "secret"])
    _keep(endpoint, f"更新演示推送端点“{receiver.name}”的地址或密钥")
    return True


def _keep(endpoint: Endpoint, summary: str) -> None:
    log_event(
        "endpoint.demo",
        subject=f"exchange.endpoint:{endpoint.pk}",
        summary=summary,
        region_prefix=endpoint.department.region.prefix,
        data={"url": endpoint.url},
    )


def _allow(department: str, port: int) -> None:
    """The department may reach the receiver's port on this machine, and no longer the port of an earlier run."""
    target = {"department_id": department, "host": HOST, "cidr": NETWORK}
    found = AllowedTarget.objects.filter(**target, reason=REASON).first()
    if found is None:
        AllowedTarget.objects.get_or_create(**target, port=port, defaults={"plain_http": True, "reason": REASON})
    elif found.port != port:
        found.port = port
        found.save(update_fields=["port"])
