"""Who may reach the exchange's pages and calls; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from dataclasses import replace

from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import PUBLIC, Rule, allow

DELIVERY_READERS = allow(
    Role.INTEGRATOR, Role.REGISTRAR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE, Role.LEADER,
    Role.AUDITOR, Role.ADMIN,
    write=(),
)  # fmt: skip
ENDPOINT_READERS = allow(
    Role.INTEGRATOR, Role.HEALTH_CITY, Role.REVIEWER, Role.CHIEF, Role.POLICE, Role.LEADER, Role.AUDITOR, Role.ADMIN,
    write=(Role.INTEGRATOR, Role.ADMIN),
)  # fmt: skip
ENDPOINT_OWNERS = allow(Role.INTEGRATOR, Role.ADMIN)
# A key acts with its user's duties and needs no second factor: whoever gets one has just proved to be there.
OWN_KEYS = replace(allow(Role.INTEGRATOR), confirmed=True)
# 重发 is also the sending side's right; a decision not to push any more is the administrator's or the owner's.
RESENDERS = allow(Role.INTEGRATOR, Role.REGISTRAR, Role.ADMIN)
FEED_READERS = allow(Role.INTEGRATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE, Role.ADMIN, write=())
RECEIVERS = allow(Role.INTEGRATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE)

ROUTES: dict[str, Rule] = {
    # --- exchange pages
    "exchange:overview": ENDPOINT_READERS,
    "exchange:endpoint-create": ENDPOINT_OWNERS,
    "exchange:endpoint": ENDPOINT_READERS,
    "exchange:endpoint-edit": ENDPOINT_OWNERS,
    "exchange:endpoint-approve": ENDPOINT_OWNERS,
    "exchange:endpoint-rotate": ENDPOINT_OWNERS,
    "exchange:endpoint-ping": ENDPOINT_OWNERS,
    "exchange:endpoint-switch": ENDPOINT_OWNERS,
    "exchange:endpoint-close": ENDPOINT_OWNERS,
    "exchange:keys": allow(Role.INTEGRATOR, Role.ADMIN, write=()),
    "exchange:key-create": OWN_KEYS,
    "exchange:key-rotate": OWN_KEYS,
    "exchange:key-propose": replace(allow(Role.ADMIN), confirmed=True),
    "exchange:key-approve": ENDPOINT_OWNERS,
    "exchange:key-end": ENDPOINT_OWNERS,
    "exchange:hosts": allow(Role.ADMIN, write=()),
    "exchange:host-propose": allow(Role.ADMIN),
    "exchange:host-end": allow(Role.ADMIN),
    "exchange:deliveries": DELIVERY_READERS,
    "exchange:deliveries-export": allow(Role.INTEGRATOR, Role.HEALTH_CITY, Role.AUDITOR, Role.ADMIN, write=()),
    "exchange:delivery": DELIVERY_READERS,
    "exchange:redeliver": RESENDERS,
    "exchange:redeliver-range": ENDPOINT_OWNERS,
    "exchange:skip": ENDPOINT_OWNERS,
    "exchange:guide": PUBLIC,
    # --- API
    "api:events": FEED_READERS,
    "api:endpoints": ENDPOINT_READERS,
    "api:endpoint": ENDPOINT_READERS,
    "api:endpoint-rotate": ENDPOINT_OWNERS,
    "api:endpoint-ping": ENDPOINT_OWNERS,
    "api:deliveries": DELIVERY_READERS,
    "api:delivery": DELIVERY_READERS,
    "api:delivery-redeliver": RESENDERS,
    "api:receipts": RECEIVERS,
}
