"""A letter of a case: signed, held for some minutes, sent, served, answered; kept for good with its number."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from yancheng_childcare.append_only import Moving, append_only

from ..choices import ServiceWay
from ..querysets import LetterQuerySet
from .case import Case

_USER = settings.AUTH_USER_MODEL
MOVING = ("released_at", "recalled_at", "recalled_by", "recall_reason")


class Letter(models.Model):
    """`content` is what paper and screen show. Until `held_until` it may be recalled; its number is then void, never reused."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters")
    form = models.CharField("文书种类", max_length=24)
    step = models.CharField("步骤", max_length=24)
    title = models.CharField("名称", max_length=60)
    number = models.CharField("文号", max_length=40, unique=True)
    addressee = models.CharField("送达对象", max_length=100)
    content = models.JSONField("内容")
    document = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签发时间", auto_now_add=True)
    held_until = models.DateTimeField("可撤回至")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    released_at = models.DateTimeField("发出时间", null=True, blank=True)
    recalled_at = models.DateTimeField("撤回时间", null=True, blank=True)
    recalled_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recall_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recalled_at__isnull=True) | Q(released_at__isnull=True), name="letter_sent_or_recalled"
            ),
            models.CheckConstraint(
                condition=Q(recalled_at__isnull=True) | Q(recall_reason__gt=""), name="letter_recalled_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["held_until"],
                condition=Q(released_at__isnull=True, recalled_at__isnull=True),
                name="letter_to_release",
            )
        ]
        triggers = append_only(
            Moving(
                name="unchanged",
                condition=pgtrigger.AnyChange(exclude=list(MOVING)),
                moves={"released_at": "", "recalled_at": "", "recalled_by_id": "", "recall_reason": ""},
            )
        )

    def __str__(self) -> str:
        return self.number


class LetterService(models.Model):
    """One service of a letter on one addressee: how, on whom, when, and what proves it."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="services")
    way = models.CharField("送达方式", max_length=12, choices=ServiceWay.choices)
    served_on = models.DateField("送达日期")
    facts = models.JSONField("送达情况", default=dict)
    evidence = models.ForeignKey(
        "yancheng_childcare.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "送达"
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.letter_id} {self.way}"


class LetterReply(models.Model):
    """What the addressee answers; a second thought is a second answer."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="replies")
    text = models.CharField("答复", max_length=2000)
    replied_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField("答复时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "文书答复"
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.letter_id} {self.replied_by_id}"
