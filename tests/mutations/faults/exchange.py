"""Faults of the exchange: targets, keys, bodies, delivery, receipts."""

from __future__ import annotations

from .fault import Fault

_E = "exchange/"
_TARGETS = ("tests/exchange/test_allow_list.py", "tests/exchange/test_client.py")
_ENDPOINTS = ("tests/exchange/test_endpoint_changes.py", "tests/api/test_endpoints.py")
_API_KEYS = ("tests/exchange/test_api_keys.py",)
_DELIVERY = ("tests/exchange/test_delivery.py",)
_FAN_OUT = ("tests/exchange/test_fan_out.py",)
_VERDICTS = ("tests/exchange/test_circuit.py", "tests/exchange/test_poison.py")

FAULTS = (
    Fault(
        50, "a network that holds metadata addresses is allowed", f"{_E}allow_list.py",
        "if touches_never_allowed(network):", "if network.is_multicast:", _TARGETS,
    ),
    Fault(
        51, "link-local and metadata addresses are connected to", f"{_E}client/targets.py",
        "    if is_never_allowed(address):\n        return False\n", "", _TARGETS,
    ),
    Fault(
        52, "one allowed address of a name is enough", f"{_E}client/targets.py",
        "for text in addresses:", "for text in addresses[:1]:", _TARGETS,
    ),
    Fault(
        53, "another address of an endpoint is effective at once", f"{_E}endpoint_settings.py",
        '    changed.pop("url", None)\n', "", _ENDPOINTS,
    ),
    Fault(
        54, "an integrator grants clear fields", f"{_E}endpoint_settings.py",
        "if added and not actor.has_role(Role.ADMIN):", "if added and not actor.is_authenticated:", _ENDPOINTS,
    ),
    Fault(
        55, "a key that waits for approval is accepted", f"{_E}querysets.py",
        "            counts(), there, revoked_at", "            there, revoked_at",
        _API_KEYS,
    ),
    Fault(
        56, "wrong keys are not counted", f"{_E}clients.py",
        "            count_wrong_key(request)\n", "", (*_API_KEYS, "tests/security/test_callers.py"),
    ),
    Fault(
        57, "the outbox holds personal fields in clear", f"{_E}outbox.py",
        "data={**data, **masked(personal)},", "data={**data, **personal},",
        ("tests/exchange/test_fan_out.py", "tests/api/test_registrations_create.py"),
    ),
    Fault(
        58, "one granted field opens all of them", f"{_E}bodies.py",
        "for name, value in clear.items() if name in grants}", "for name, value in clear.items()}", _DELIVERY,
    ),
    Fault(
        59, "who subscribed to a city does not get its counties", f"{_E}fan_out.py",
        "starts_with(r.prefix, sr.prefix)", "r.prefix = sr.prefix", _FAN_OUT,
    ),
    Fault(
        60, "a key of idempotency answers for another content", f"{_E}idempotency.py",
        "if kept.request_hash != print_of_request:", "if not kept.request_hash:",
        ("tests/exchange/test_fan_out.py", "tests/api/test_registrations_create.py"),
    ),
    Fault(
        61, "a sender that lost its lease settles", f"{_E}delivery/settle.py",
        "WHERE d.id = s.id AND d.lease = s.lease AND d.closed_at IS NULL\nRETURNING d.id",
        "WHERE d.id = s.id AND d.closed_at IS NULL\nRETURNING d.id", _DELIVERY,
    ),
    Fault(
        62, "a later version is sent before an earlier one", f"{_E}delivery/claims.py",
        "AND d.status <> 'DEAD'\n           AND {NO_OLDER}\n         ORDER BY d.due_at LIMIT want.room",
        "AND d.status <> 'DEAD'\n         ORDER BY d.due_at LIMIT want.room", _DELIVERY,
    ),
    Fault(
        63, "the circuit opens one failure late", f"{_E}circuit.py",
        "if failures >= OPENS_AFTER:", "if failures > OPENS_AFTER:", _VERDICTS,
    ),
    Fault(
        64, "a refused push is parked one try late", f"{_E}delivery/verdicts.py",
        "parked = repeated >= SAME_REFUSALS_TO_PARK", "parked = repeated > SAME_REFUSALS_TO_PARK", _VERDICTS,
    ),
    Fault(
        65, "a signature of the future is believed", f"{_E}signatures.py",
        "if age < -TOLERANCE_SECONDS:", "if age < -TOLERANCE_SECONDS * 1000:", ("tests/exchange/test_signatures.py",),
    ),
    Fault(
        66, "any department may answer for any event of its area", f"{_E}receipts.py",
        "if department.kind in TOLD_BY_LAW:", "if department.kind:", ("tests/api/test_receipts.py",),
    ),
    Fault(
        67, "a second rotation cuts off the secret in use", f"{_E}rotation.py",
        "if running and overlap:", "if running and not overlap:", ("tests/exchange/test_rotation.py",),
    ),
    Fault(
        68, "a push under way is sent again", f"{_E}replay.py",
        "locked.lease_ends > locked.database_now:", "locked.lease_ends < locked.database_now:",
        ("tests/exchange/test_replay.py",),
    ),
)  # fmt: skip
