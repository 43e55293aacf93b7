"""Signing secrets: made by us, shown once, rotated with an overlap in which every push carries both signatures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from . import error_codes as codes
from .models import Endpoint
from .rights import refuse_closed
from .signatures import new_secret

DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)


def rotate_secret(*, endpoint: Endpoint, actor: Any = None, overlap: timedelta = DEFAULT_OVERLAP) -> str:
    """Give the endpoint a new secret and return it: the only time it is shown.

    For `overlap` the old secret signs as well (Standard Webhooks, rotation); zero retires it at once, for a leaked one.
    Raises Rejected: EXC-107 outside 0–30 days, 409 EXC-108 while an earlier overlap still runs and this one is not zero, EXC-106 for a closed endpoint.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Rejected(Problem(codes.OVERLAP_RANGE, "overlap", "新旧密钥并行时间应在 0 至 30 天之间。"))
    now = timezone.now()
    secret = new_secret()
    with transaction.atomic():
        locked = (
            Endpoint.objects.select_for_update(of=("self",)).select_related("department__region").get(pk=endpoint.pk)
        )
        refuse_closed(locked)
        running = locked.previous_secret_until is not None and locked.previous_secret_until > now
        if running and overlap:
            raise Rejected(
                Problem(
                    codes.ROTATION_RUNNING,
                    "",
                    "上一次轮换的并行期还没有结束，再次轮换会使对方仍在使用的密钥失效。请等并行期结束，或选择立即停用旧密钥。",
                ),
                status=409,
            )
        locked.previous_secret = locked.secret if overlap else None
        locked.previous_secret_until = now + overlap if overlap else None
        locked.secret = secret
        locked.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
        log_event(
            "endpoint.secret_rotated",
            subject=f"exchange.endpoint:{locked.pk}",
            summary=f"轮换“{locked.name}”的签名密钥",
            actor=actor,
            region_prefix=locked.department.region.prefix,
            data={"overlap_hours": round(overlap.total_seconds() / 3600, 2)},
        )
    return secret
