"""The chain of seals over the append-only tables, and the fingerprints of the keys the data was written with."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..append_only import append_only


class Seal(models.Model):
    """What one range of one append-only table held: which row numbers, and a keyed digest of each row.

    `head` is an HMAC over everything else in the row, the previous head included, under a key outside the database.
    Not sealed itself: the chain is its seal.
    """

    number = models.BigIntegerField("序号", primary_key=True)
    table = models.CharField("表", max_length=63)
    # The range answers for every number in (after_id, last_id]; null: from the beginning.
    after_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField("截至编号")
    row_count = models.PositiveIntegerField("行数")
    columns = models.JSONField("封存的列")
    ids = models.JSONField("编号", help_text="[首, 尾] 的列表")
    digests = models.BinaryField("每行摘要")
    sealed_at = models.DateTimeField("封存时间", db_index=True)
    previous = models.CharField("上一封存", max_length=64)
    head = models.CharField("本次封存", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "封存记录"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["table", "last_id"], name="seal_range_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.number} {self.table} …{self.last_id}"


class KeyFingerprint(models.Model):
    """What a key looks like without showing it: HMAC of a constant. Written by `migrate` and `rotate_keys` only."""

    name = models.CharField("密钥", max_length=40, primary_key=True)
    fingerprint = models.CharField("指纹", max_length=64)
    first_used_at = models.DateTimeField("启用时间", db_default=Now())
    retired_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "密钥指纹"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
