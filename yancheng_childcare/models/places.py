"""Regions and departments: reference data, loaded from `data/*.csv` by `load_reference`."""

from django.db import models

from ..choices import CodeKind, RegionLevel


class Region(models.Model):
    """City, county, zone, town or street. `prefix` is the stored path that decides scope, e.g. `/320900/320902/`."""

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=30)
    level = models.CharField("层级", max_length=8, choices=RegionLevel.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    code_kind = models.CharField("代码来源", max_length=8, choices=CodeKind.choices)
    prefix = models.CharField("路径", max_length=60, unique=True)
    population_demo = models.PositiveIntegerField("演示用常住人口", null=True, blank=True)
    source = models.CharField("数据来源", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code"]
        indexes = [models.Index(fields=["prefix"], name="region_prefix_like", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A public body (or an assessment body) that acts in the portal; `kind` is the trade, `region` its area."""

    code = models.CharField("代码", max_length=32, primary_key=True)
    name = models.CharField("名称", max_length=80)
    short_name = models.CharField("简称", max_length=40)
    kind = models.CharField("类别", max_length=16, db_index=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, verbose_name="辖区")
    annex_no = models.PositiveSmallIntegerField("方案附件序号", null=True, blank=True)
    duty_summary = models.CharField("职责摘要", max_length=200, blank=True)
    source = models.CharField("数据来源", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
