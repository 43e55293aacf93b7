"""Gap-free running numbers, one row per series."""

from django.db import models


class NumberSeries(models.Model):
    """The last number given in a series, e.g. receipts of 亭湖区 in 2026. Its row lock makes numbers single-file."""

    key = models.CharField("序列", max_length=40, primary_key=True)
    last = models.PositiveIntegerField("最近编号")

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"
