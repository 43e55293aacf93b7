"""A penalty of the health authority, decided elsewhere and registered here (人口与计划生育法 第四十一条; domain-2.md B2.6)."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from casework.models import CaseBody

from ..choices import PenaltyKind


@pghistory.track()
class Penalty(CaseBody):
    """What the document says. The database holds the ranges of the law too."""

    kind = models.CharField("处罚种类", max_length=8, choices=PenaltyKind.choices)
    document_no = models.CharField("处罚决定书文号", max_length=60, unique=True)
    fine = models.PositiveIntegerField("罚款（元）", default=0)
    grave = models.BooleanField("情节严重", default=False)
    decided_on = models.DateField("决定日期")
    served_on = models.DateField("送达日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "处罚登记"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PenaltyKind.WARNING, fine=0)
                | Q(kind=PenaltyKind.FINE, fine__range=(5_000, 50_000))
                | Q(kind=PenaltyKind.STOP, fine__range=(50_000, 100_000), grave=True),
                name="penalty_within_article_41",
            ),
            models.CheckConstraint(
                condition=Q(served_on__isnull=True) | Q(served_on__gte=F("decided_on")),
                name="penalty_served_after_decision",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
