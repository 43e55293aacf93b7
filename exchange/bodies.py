"""What is pushed (product.md D4, D6; domain.md §1.4): the same bytes for every try of one event to one endpoint.

Personal fields stand masked in the event's data from the moment it is written; the clear values are stored encrypted and
are opened only for an endpoint that was granted the field (DP-04, DP-08; domain.md §13.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from yancheng_childcare.crypto import decrypt
from yancheng_childcare.masking import mask_id, mask_phone

from .choices import BodyFormat, GrantField

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOURCE = "//yancheng.tuoyu/registry"
CONTENT_TYPES = {
    BodyFormat.STANDARD.value: "application/json",
    BodyFormat.CLOUDEVENTS.value: "application/cloudevents+json",
}
# domain.md §1.4, event_type
EVENT_CODES = {
    "registration.recorded": "REGISTERED",
    "registration.changed": "REG_CHANGED",
    "registration.cancelled": "REG_CANCELLED",
    "registration.revoked": "REG_REVOKED",
    "ping.test": "PING",
}
_MASKS = {GrantField.LEGAL_REP_ID_NO.value: mask_id, GrantField.CONTACT_PHONE.value: mask_phone}


@dataclass(frozen=True, slots=True)
class Content:
    """An event as the senders need it: `data` is JSON text, `sealed` the stored ciphertext or None."""

    uid: str
    type: str
    subject: str
    version: int
    occurred_at: datetime
    data: str
    sealed: str | None


def masked(personal: Mapping[str, str]) -> dict[str, str]:
    """The personal fields as endpoints without a grant see them; a field without a known mask is hidden whole."""
    return {name: _MASKS[name](value) if name in _MASKS else "***" for name, value in personal.items()}


def sealed_purpose() -> str:
    """What the stored ciphertext of events is bound to."""
    from .models import OutboxEvent

    return str(OutboxEvent._meta.get_field("sealed").purpose)  # type: ignore[union-attr]  # EncryptedTextField


def moment(value: datetime) -> str:
    """ISO-8601 to the second, +08:00 (contract.md)."""
    return value.astimezone(SHANGHAI).isoformat(timespec="seconds")


def compose(content: Content, *, body_format: str, grants: Collection[str], webhook_id: str) -> bytes:
    """The body of one push. Raises yancheng_childcare.crypto.DecryptionFailed when a granted field cannot be opened."""
    data: dict[str, Any] = orjson.loads(content.data)
    if grants and content.sealed:
        clear = orjson.loads(decrypt(content.sealed, sealed_purpose()).encode())
        data.update({name: value for name, value in clear.items() if name in grants})
    when = moment(content.occurred_at)
    data.update(
        event_id=content.uid,
        event_type=EVENT_CODES.get(content.type, content.type),
        event_at=when,
        event_version=1,
        record_version=content.version,
    )
    if body_format == BodyFormat.CLOUDEVENTS.value:
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": webhook_id,
                "source": SOURCE,
                "type": f"cn.yancheng.tuoyu.{content.type}.v1",
                "subject": content.subject,
                "time": when,
                "datacontenttype": "application/json",
                "data": data,
            }
        )
    return orjson.dumps({"type": content.type, "timestamp": when, "data": data})
