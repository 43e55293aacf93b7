"""What is known of childcare without papers."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from casework.models import CaseBody

from ..choices import UnlicensedKind
from ..unlicensed_kinds import FILE_DAYS, MOST_AT_HOME


@pghistory.track()
class Unlicensed(CaseBody):
    """无证照与未备案治理: which kind, where it came from, how many children; nothing that names a person."""

    kind = models.CharField("类别", max_length=12, choices=UnlicensedKind.choices)
    source = models.CharField("来源编号", max_length=60)
    place = models.CharField("地点", max_length=200)
    children = models.PositiveSmallIntegerField("在托人数")
    found = models.CharField("核实情况", max_length=1000)
    term_days = models.PositiveSmallIntegerField("限期备案天数", default=FILE_DAYS)
    term_set = models.BooleanField("已限期备案", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "无证照与未备案治理"
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=UnlicensedKind.HOME) | Q(children__gt=MOST_AT_HOME), name="unlicensed_home_over_five"
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
