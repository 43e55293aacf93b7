"""A step that needs a second signature: drafted by one person, signed or refused by another."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ..choices import ProposalOutcome
from .case import Case


@pghistory.track()
class CaseProposal(models.Model):
    """`answers` is what the step was told; the guards look at it again when it is signed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    step = models.CharField("拟办步骤", max_length=24)
    answers = models.JSONField("内容", default=dict)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    remark = models.CharField("意见", max_length=300, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=ProposalOutcome.choices, default=ProposalOutcome.PENDING)

    class Meta:
        verbose_name = verbose_name_plural = "待签批事项"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(outcome="PENDING"), name="case_proposal_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")) | Q(outcome="WITHDRAWN"),
                name="case_proposal_two_persons",
                violation_error_message="提出人不能签批自己的提议。",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="SIGNED") | Q(decided_by__isnull=False), name="case_proposal_signed_by_somebody"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__outcome__df="PENDING"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"
