"""What names are searched by: pairs of characters, from an immutable SQL function."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func


class Pieces(Func):
    """What a row is found by: the pairs of characters of a text, its region and grade (an immutable SQL function)."""

    function = "registry_pieces"
    output_field = ArrayField(models.TextField())
