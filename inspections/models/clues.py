"""What cases of inspection know besides what every case knows."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models

from casework.models import CaseBody


@pghistory.track()
class Clue(CaseBody):
    """What a grid worker saw, and where."""

    place = models.CharField("地点", max_length=200)
    seen = models.CharField("看到的情况", max_length=1000)

    class Meta:
        verbose_name = verbose_name_plural = "网格线索"
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
