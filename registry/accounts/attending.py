"""What follows a request without anybody's asking: word to the reviewers with a clock, and the end of what ran out."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from casework.types import System
from yancheng_childcare.choices import ClockKind, Role
from yancheng_childcare.deadlines import new_deadline, start_deadlines, today_here
from yancheng_childcare.models import Deadline
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.workdays import by_day

from ..models import AccountOpening
from .workflow import CLOCK, ISSUED, OPENING, SUBMITTED

REVIEW_WORKDAYS = 3  # ours [A]


def attend() -> int:
    """What follows a request, and what ran out: clock and word to the reviewers; closed where it fits nothing. How many."""
    done = 0
    today, yesterday = today_here(), timezone.now() - timedelta(days=1)
    for opening in AccountOpening.objects.waiting().select_related("institution__region"):
        with transaction.atomic():
            # Decided since it was read: a clock that began now would never stop.
            waits = AccountOpening.objects.select_for_update().filter(pk=opening.pk, status=SUBMITTED).exists()
            if waits and not Deadline.objects.of(opening.subject).filter(code=CLOCK).exists():
                _start(opening)
                done += 1
    for opening in AccountOpening.objects.filter(status=SUBMITTED, institution=None, created_at__lt=yesterday):
        words = "填写的信息与登记不一致。请与登记证书核对后重新申请，或者到登记机关领取开通码。"
        OPENING.run(opening, "mismatch", System(), reason=words)
        done += 1
    for opening in AccountOpening.objects.filter(status=ISSUED, expires_on__lt=today):
        OPENING.run(opening, "void", System(), reason="过了有效期")
        done += 1
    return done


def _start(opening: AccountOpening) -> None:
    region = opening.place.region
    clock = new_deadline(
        subject=opening.subject, code=CLOCK, label="审核机构账号申请", source="本平台的承诺（不是法定期限）",
        region=region, days=REVIEW_WORKDAYS, today=today_here(), kind=ClockKind.WORKDAYS.value,
    )  # fmt: skip
    start_deadlines(clock)
    words = f"{opening.place.name}申请开通账号（{opening.no}），请于{by_day(clock.due_on)}审核。"
    notify(holders(Role.REVIEWER, region_prefix=region.prefix), title="请审核机构账号申请", body=words,
           url=reverse("accounts:review", args=[opening.no]))  # fmt: skip
