"""The public register: what anybody may read of an institution, and nothing else. No column here is personal.

`PublicEntry` is derived: `registry.register.entry.refresh_entry` writes it in the transaction of the act that changed it,
and every public page, feed, download and API answer reads only from here (PIPL 第25条: what is not copied cannot leak).
"""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from casework.models import CaseBody
from yancheng_childcare.append_only import Moving, append_only
from yancheng_childcare.crypto import EncryptedTextField

from ..choices import (
    MealMode,
    Nature,
    PublicChangeKind,
    ReportKind,
    ServiceMode,
    SubscriptionTarget,
)
from ..querysets import PublicEntryQuerySet
from .pieces import Pieces


class PublicEntry(models.Model):
    """One institution that is or was filed, as the public reads it. `card` is the line of a list, `content` the page."""

    institution = models.OneToOneField(
        "registry.Institution", on_delete=models.PROTECT, primary_key=True, related_name="public_entry"
    )
    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("名称", max_length=100)
    # What is searched, in lower case: name, former names, brand, address | pinyin, initials, code.
    words = models.TextField()
    latin = models.TextField()
    listed = models.BooleanField("在名录中", default=False)
    # The standing order of every list (`registry.register.order`). Compared byte by byte.
    order_key = models.CharField(max_length=20, db_collation="C")
    status = models.CharField("备案状态", max_length=18)
    nature = models.CharField("机构性质", max_length=16, choices=Nature.choices)
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    town = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    grade = models.CharField("等级", max_length=8, blank=True, default="", db_default="")
    grade_until = models.DateField("等级有效期至", null=True, blank=True)
    months_mask = models.BigIntegerField("收托月龄", default=0, db_default=0, help_text="第 n 位为 1：收托满 n 个月的")
    service_modes = ArrayField(models.CharField(max_length=10, choices=ServiceMode.choices), default=list, blank=True)
    inclusive = models.BooleanField("申报普惠", default=False, db_default=False)
    meal_mode = models.CharField("供餐方式", max_length=12, choices=MealMode.choices, blank=True, default="")
    fee_month = models.DecimalField("保育费（元/月）", max_digits=9, decimal_places=2, null=True, blank=True)
    capacity_total = models.PositiveIntegerField("托位", null=True, blank=True)
    places_free = models.IntegerField("余位", null=True, blank=True)
    last_checked_on = models.DateField("最近检查", null=True, blank=True)
    latitude = models.FloatField("纬度", null=True, blank=True)
    longitude = models.FloatField("经度", null=True, blank=True)
    card = models.JSONField(default=dict)
    content = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField("更新时间")

    objects = PublicEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公开名录"
        indexes = [
            # pg_trgm cannot serve terms of two characters, and those are what people type (performance.md §1.1).
            GinIndex(Pieces("words", "region", "grade"), name="public_words", condition=Q(listed=True)),
            GinIndex(Pieces("latin", "region", "grade"), name="public_latin", condition=Q(listed=True)),
            # The words lie in the index itself: a walk for a frequent word reads no row it does not show.
            models.Index(
                fields=["order_key"], include=["words", "institution"], name="public_order", condition=Q(listed=True)
            ),
            models.Index(fields=["region", "order_key"], name="public_region_order", condition=Q(listed=True)),
            models.Index(fields=["town", "order_key"], name="public_town_order", condition=Q(listed=True)),
            models.Index(Collate("name", "C"), name="public_name"),
            models.Index(fields=["changed_at"], name="public_changed"),
        ]

    def __str__(self) -> str:
        return self.name


class PublicResult(models.Model):
    """One published result of an inspection, as pages and API show it (`facts`). A floor above writes it, through
    `registry.register.results`; what is withdrawn is deleted.
    """

    institution = models.ForeignKey("registry.Institution", on_delete=models.PROTECT, related_name="public_results")
    no = models.CharField("检查编号", max_length=30, unique=True)
    published_on = models.DateField("公开日期")
    facts = models.JSONField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "公开的检查结果"
        ordering = ["-published_on", "-id"]

    def __str__(self) -> str:
        return self.no


class PublicChange(models.Model):
    """One change the public was told of: the history on the page, the feeds and the mails are made of these."""

    institution = models.ForeignKey("registry.Institution", on_delete=models.PROTECT, related_name="public_changes")
    uscc = models.CharField(max_length=18)
    name = models.CharField("名称", max_length=100)
    region = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    town = models.ForeignKey("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("事项", max_length=12, choices=PublicChangeKind.choices)
    title = models.CharField("标题", max_length=120)
    detail = models.CharField("说明", max_length=600, blank=True)
    occurred_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "公开变更"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["uscc", "-id"], name="public_change_uscc"),
            models.Index(fields=["region", "-id"], name="public_change_region"),
            models.Index(fields=["town", "-id"], name="public_change_town"),
        ]
        triggers = append_only(
            # What is ever taken back: the door of a place that became a home-based one, a result that was rescinded.
            Moving(
                name="only_doors_and_results_taken_back",
                condition=pgtrigger.Condition(
                    "NOT (OLD.kind IN ('ADDRESS', 'INSPECTION') AND NEW.detail = '')"
                    " OR to_jsonb(OLD) - 'detail' IS DISTINCT FROM to_jsonb(NEW) - 'detail'"
                ),
                moves={"detail": """CASE WHEN "kind" IN ('ADDRESS', 'INSPECTION') THEN '' ELSE "detail" END"""},
            )
        )

    def __str__(self) -> str:
        return self.title


class PublicSubscription(models.Model):
    """Somebody follows an institution or an area by e-mail. Nothing is sent before the address confirmed itself."""

    email = EncryptedTextField("邮箱", purpose="registry.public_subscription.email", blank=True, default="")
    email_index = models.CharField(max_length=64, db_index=True, editable=False)
    target = models.CharField("对象", max_length=12, choices=SubscriptionTarget.choices)
    uscc = models.CharField(max_length=18, blank=True)
    region = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # SHA-256 of the secret in the links: a copy of the table lets nobody confirm or leave for others.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_change = models.BigIntegerField("已发到第几条", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "邮件订阅"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email_index", "target", "uscc", "region"],
                condition=Q(ended_at__isnull=True),
                name="public_subscription_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["last_change"],
                condition=Q(confirmed_at__isnull=False, ended_at__isnull=True),
                name="public_subscription_live",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.uscc or self.region_id}"


class PublicReport(CaseBody):
    """What a report of the public says: 报错 on a block of a page, or word of a place that is not on the register.

    The reporter's contact and code stand here once: no history of this table is kept, and no act holds them.
    """

    kind = models.CharField("种类", max_length=10, choices=ReportKind.choices)
    place = models.CharField("地址", max_length=200, blank=True)
    block = models.CharField("栏目", max_length=16, blank=True)
    text = models.TextField("内容", max_length=2000)
    contact = EncryptedTextField("联系方式", purpose="registry.public_report.contact", blank=True, default="")
    code_hash = models.CharField("查询码摘要", max_length=64, editable=False, db_index=True)
    answer = models.TextField("答复", max_length=2000, blank=True)
    transfers = models.PositiveSmallIntegerField("转办次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "公众报错"
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]


class OpenDataSnapshot(models.Model):
    """The open data of a year's first day, kept as it was, under an address that stays."""

    year = models.PositiveSmallIntegerField("年度")
    format = models.CharField("格式", max_length=4)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField("行数")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = verbose_name_plural = "开放数据年度快照"
        constraints = [models.UniqueConstraint(fields=["year", "format"], name="snapshot_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.year}.{self.format}"
