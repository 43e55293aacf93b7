"""An institution parts with somebody who acted for it: at once, and with the keys that may still lie about."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.models import User
from yancheng_childcare.notifications import notify
from yancheng_childcare.places import reaches
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..codes import accounts as codes
from ..models import Institution
from .people import duties_for
from .workflow import void_codes


def part_with(*, uscc: str, user_id: int, actor: Any) -> User:
    """End at once what this person may do for the institution; by a colleague, or a reviewer of its county.

    Raises Rejected: 404 for no such duty in the actor's reach, 409 (OPN-108) for a colleague who would be the last to leave.
    """
    with transaction.atomic():
        place = Institution.objects.select_for_update(of=("self",)).select_related("region").filter(uscc=uscc).first()
        duties = list(duties_for(uscc).select_for_update(of=("self",)))
        ending = [duty for duty in duties if duty.user_id == user_id]
        # As it is now: the actor may have been parted with since the page was opened.
        own = any(duty.user_id == actor.pk for duty in duties)
        reviews = place is not None and reaches(actor, place.region.prefix, Role.REVIEWER)
        if place is None or not ending or not (own or reviews):
            raise Rejected(Problem("GEN-404", "", "没有这名经办人，或者已经解除。请刷新页面。"), status=404)
        if own and len(duties) == len(ending):
            words = "您是本机构唯一的经办人，不能解除。请先邀请接替的人，由对方解除您。"
            raise Rejected(Problem(codes.LAST, "", words), status=409)
        for duty in ending:
            duty.end_at_once()
        gone = ending[0].user
        void_codes(place, "解除了经办人")  # the one who leaves may hold the sheet
        log_event(
            "account_opening.ended",
            subject=place.subject,
            summary=f"解除经办人：{gone.display_name}",
            actor=actor,
            region_prefix=place.region.prefix,
            data={"user": user_id},
        )
        words = f"{gone.display_name}不再是{place.name}的经办人，由{actor.display_name}解除，即刻生效。"
        notify([duty.user for duty in duties], title="解除了机构经办人", body=words)
    return gone
