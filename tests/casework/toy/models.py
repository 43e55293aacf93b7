from django.db import models

from casework.models import CaseBody


class Talk(CaseBody):
    """What is to be talked about."""

    matter = models.CharField("事项", max_length=300)
    came = models.CharField("说明", max_length=300, blank=True)
