"""What reviewers do with a filing: verdicts, notices, proposals for a second signature, site checks, waivers."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from yancheng_childcare.append_only import append_only

from ..choices import ItemVerdict, NoticeKind, ProposalOutcome
from .filing import Filing


class Verdict(models.Model):
    """A reviewer's verdict on one item of one submission; it writes the letter."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="verdicts")
    submission = models.PositiveIntegerField("第几次提交")
    item = models.CharField("审查项", max_length=24)
    verdict = models.CharField("结论", max_length=16, choices=ItemVerdict.choices)
    reason = models.CharField("理由", max_length=500, blank=True)
    clause = models.CharField("依据", max_length=200, blank=True)
    how_to_fix = models.CharField("怎么改", max_length=300, blank=True)
    rule_id = models.CharField("规则", max_length=16, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "审查结论"
        ordering = ["item"]
        constraints = [models.UniqueConstraint(fields=["filing", "submission", "item"], name="verdict_once")]

    def __str__(self) -> str:
        return f"{self.item} {self.get_verdict_display()}"


class Notice(models.Model):
    """A letter to the institution: what to correct, or what was decided. Sent once, kept for good."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField("种类", max_length=14, choices=NoticeKind.choices)
    number = models.CharField("文号", max_length=32, unique=True)
    round = models.PositiveSmallIntegerField("第几次", default=1)
    submission = models.PositiveIntegerField("针对第几次提交")
    # [{item, title, finding, clause, how_to_fix, where, rule_id}]
    items = models.JSONField("事项", default=list)
    cause = models.CharField("首次未告知的原因", max_length=300, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    document = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField("发出时间", auto_now_add=True)
    published = models.BooleanField("向社会公开", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "告知文书"
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """The letter's own name: the second notice of a case is another letter than the first."""
        if self.kind == NoticeKind.CORRECTION and self.round > 1:
            return "补充告知书"
        return str(self.get_kind_display())


class NoticeReply(models.Model):
    """The institution's answer to one item of a notice."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="replies")
    item = models.CharField("事项", max_length=24)
    text = models.CharField("答复", max_length=1000)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField("时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "逐项答复"
        constraints = [models.UniqueConstraint(fields=["notice", "item"], name="notice_reply_once")]

    def __str__(self) -> str:
        return self.item


@pghistory.track()
class Proposal(models.Model):
    """A decision that needs a second signature: drafted by one officer, signed or refused by another."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="proposals")
    step = models.CharField("拟办步骤", max_length=20)
    reason = models.CharField("理由", max_length=500)
    items = models.JSONField("事项", default=list)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    legal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    legal_agrees = models.BooleanField("法制审核同意", null=True, blank=True)
    legal_opinion = models.CharField("法制审核意见", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=ProposalOutcome.choices, default=ProposalOutcome.PENDING)

    class Meta:
        verbose_name = verbose_name_plural = "待签批"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["filing"], condition=Q(outcome="PENDING"), name="proposal_one_pending"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")) | Q(outcome="WITHDRAWN"),
                name="proposal_two_persons",
                violation_error_message="提出人不能签批自己的提议。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.step}"


@pghistory.track()
class SiteCheck(models.Model):
    """现场核实: at least two officers, the items of the hygiene self-evaluation and the setting standard."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="site_checks")
    officers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="核实人员")
    planned_on = models.DateField("计划日期")
    # [{id, title, clause, result, remark}]
    items = models.JSONField("核实项", default=list)
    summary = models.CharField("核实情况", max_length=1000, blank=True)
    concluded_on = models.DateField("完成日期", null=True, blank=True)
    conforms = models.BooleanField("全部符合", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    record_version = models.PositiveIntegerField("版本", default=1)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "现场核实"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing"], condition=Q(concluded_on__isnull=True), name="site_check_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.planned_on}"


class ClosurePlan(models.Model):
    """The duties of an institution that closes or pauses (国卫人口发〔2019〕58号 管理规范第7条; days are [A])."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="closures")
    final = models.BooleanField("终止服务", default=True)
    reason = models.CharField("原因", max_length=300)
    from_day = models.DateField("停止服务日期")
    until_day = models.DateField("预计恢复日期", null=True, blank=True)
    parents_told_on = models.DateField("告知家长日期")
    children = models.PositiveIntegerField("在托婴幼儿人数")
    children_placed = models.PositiveIntegerField("已安置人数")
    placement = models.CharField("安置去向", max_length=500, blank=True)
    staff_settled = models.BooleanField("职工已妥善安置", default=False)
    refunds_settled = models.BooleanField("费用已结清", default=False)
    refund_contact = models.CharField("退费联系方式", max_length=100)
    withdrawn = models.BooleanField("已撤回", default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("提出时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "停业或终止安排"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.from_day}"


@pghistory.track()
class RuleWaiver(models.Model):
    """One rule set aside for one filing, with reason and basis, by a chief; shown wherever the rule is shown."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="waivers")
    rule_id = models.CharField("规则", max_length=16)
    reason = models.CharField("理由", max_length=300)
    basis = models.CharField("依据", max_length=200)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则豁免"
        constraints = [models.UniqueConstraint(fields=["filing", "rule_id"], name="rule_waiver_once")]

    def __str__(self) -> str:
        return self.rule_id


@pghistory.track()
class RuleSwitch(models.Model):
    """A rule the city switched off, or whose numbers it set; only local rules and our own choices ([A])."""

    rule_id = models.CharField("规则", max_length=16, unique=True)
    enabled = models.BooleanField("启用", default=True)
    params = models.JSONField("参数", default=dict, blank=True)
    reason = models.CharField("理由", max_length=300)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则开关"
        ordering = ["rule_id"]

    def __str__(self) -> str:
        return self.rule_id

    def clean(self) -> None:
        """Only local rules and our own choices, and only numbers the rule knows: a wrong one would stop every check."""
        from ..rules.filing.catalogue import RULES

        known = [rule for rule in RULES if rule.id == self.rule_id]
        if not known:
            raise ValidationError({"rule_id": "没有这条规则，编号见“标准与规则”页面。"})
        rule = known[-1]
        if not rule.local and rule.confidence != "A":
            raise ValidationError({"rule_id": "国家规定的规则不能开关或调整，只能随文件更新版本。"})
        if not isinstance(self.params, dict):
            raise ValidationError({"params": "参数应当是名称和数值的对照表。"})
        for name, value in self.params.items():
            if name not in rule.params or type(value) is not type(rule.params[name]):
                raise ValidationError({"params": f"规则没有参数“{name}”，或者数值类型不对。"})


class ReviewArea(models.Model):
    """Which reviewer takes the cases of a town; cases of other towns wait for “取下一件”."""

    town = models.OneToOneField("yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "审查片区"

    def __str__(self) -> str:
        return f"{self.town_id} {self.reviewer_id}"
