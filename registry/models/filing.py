"""A filing case: its sections as typed, its materials, what was handed in each time, and its receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yancheng_childcare.append_only import append_only
from yancheng_childcare.crypto import EncryptedTextField

from ..choices import LIVE_FILING, OPEN_FILING, FilingKind, FilingStatus, MaterialStatus, Regime, ServiceMode
from ..querysets import FilingQuerySet, MaterialQuerySet

if TYPE_CHECKING:
    from .review import Proposal


@pghistory.track()
class Filing(models.Model):
    """One filing of one institution at one place. Status changes only through `registry.filing.workflow`."""

    no = models.CharField("备案办件编号", max_length=20, unique=True)
    institution = models.ForeignKey(
        "registry.Institution", on_delete=models.PROTECT, related_name="filings", verbose_name="机构"
    )
    authority = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="+", verbose_name="备案机关"
    )
    kind = models.CharField("事项", max_length=10, choices=FilingKind.choices, default=FilingKind.INITIAL)
    regime = models.CharField("管理方式", max_length=8, choices=Regime.choices, default=Regime.FILING)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="替代的备案"
    )
    status = models.CharField("状态", max_length=18, choices=FilingStatus.choices, default=FilingStatus.DRAFT)
    record_version = models.PositiveIntegerField("版本", default=1)
    # What stands on the receipt: set when it is issued, never from a draft.
    receipt_no = models.CharField("回执编号", max_length=20, blank=True)
    accepted_number = models.PositiveIntegerField("已接受的第几次提交", default=0)
    principal_name = models.CharField("机构负责人", max_length=50, blank=True)
    service_address = models.CharField("实际经营地址", max_length=200, blank=True)
    service_modes = ArrayField(
        models.CharField(max_length=10, choices=ServiceMode.choices), default=list, blank=True, verbose_name="服务形式"
    )
    capacity_total = models.PositiveIntegerField("托位总数", null=True, blank=True)
    # Who did what: two persons where the law wants two.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="承办人",
    )
    receipted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    pause_reason = models.CharField("暂停原因", max_length=120, blank=True)
    suspended_until = models.DateField("预计停业至", null=True, blank=True)
    confirmed_on = models.DateField("年度确认日期", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    # Read with the case by `for_a_step`, and only there: for guards and effects of a step.
    last_number: int
    receipts_issued: int
    another_live: bool
    waiting: Proposal | None = None

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "备案"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(status__in=OPEN_FILING),
                name="filing_one_open",
                violation_error_message="该机构已有一件正在办理的备案。",
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(status__in=LIVE_FILING),
                name="filing_one_live",
                violation_error_message="该机构已有一件有效的备案。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=LIVE_FILING) | Q(receipt_no__gt="", accepted_number__gt=0),
                name="filing_live_has_receipt",
                violation_error_message="有效的备案必须有回执。",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="filing_status"),
            models.Index(fields=["assigned_to", "status"], name="filing_assigned"),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.no

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        """The state in words; what never had a receipt has ended, there is no filing to cancel."""
        if self.status == FilingStatus.CANCELLED and not self.receipt_no:
            return "已终止"
        return str(FilingStatus(self.status).label)

    @property
    def subject(self) -> str:
        """The key under which acts and clocks of this case are kept."""
        return f"registry.filing:{self.no}"


class FilingSection(models.Model):
    """One section as typed: nothing typed is lost, nothing is checked here. `version` guards against overwriting."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="sections")
    name = models.CharField("栏目", max_length=16)
    data = models.JSONField("内容", default=dict)
    sealed = EncryptedTextField("加密内容", purpose="registry.filing_section.sealed", blank=True, default="")
    version = models.PositiveIntegerField("版本", default=1)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "备案栏目"
        constraints = [models.UniqueConstraint(fields=["filing", "name"], name="filing_section_once")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.name}"


class FilingVersion(models.Model):
    """What was handed in: a snapshot of sections, materials and staff with the findings of the rules on that day."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("第几次提交")
    content = models.JSONField("内容")
    sealed = EncryptedTextField("加密内容", purpose="registry.filing_version.sealed", blank=True, default="")
    findings = models.JSONField("规则检查结果", default=list)
    pledge_version = models.CharField("承诺书版本", max_length=20)
    signed_name = models.CharField("签署人", max_length=50)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField("提交时间")
    received_on = models.DateField("收件日")

    class Meta:
        verbose_name = verbose_name_plural = "备案提交"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["filing", "number"], name="filing_version_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.filing_id} 第 {self.number} 次提交"


@pghistory.track()
class Material(models.Model):
    """One material of an institution (domain.md §4). A replaced one stays; `replaced_at` says since when."""

    institution = models.ForeignKey("registry.Institution", on_delete=models.PROTECT, related_name="materials")
    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="materials")
    code = models.CharField("材料", max_length=16)
    kind = models.CharField("种类", max_length=24, blank=True)
    number = models.CharField("文号或编号", max_length=60, blank=True)
    issuer = models.CharField("出具单位", max_length=100, blank=True)
    issued_on = models.DateField("出具日期", null=True, blank=True)
    valid_to = models.DateField("有效期至", null=True, blank=True)
    conclusion_ok = models.BooleanField("结论合格", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=MaterialStatus.choices, default=MaterialStatus.PENDING)
    version = models.PositiveIntegerField("版本", default=1)
    replaced_at = models.DateTimeField("被替换时间", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    page_files: list[UUID]  # read by `with_pages`, and only there

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "备案材料"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "code"], condition=Q(replaced_at__isnull=True), name="material_one_current"
            )
        ]
        indexes = [models.Index(fields=["valid_to"], condition=Q(replaced_at__isnull=True), name="material_expiry")]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.code


class MaterialPage(models.Model):
    """One uploaded file of a material, in order; several photographs make one material."""

    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="pages")
    file = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = verbose_name_plural = "材料页"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.material_id} 第 {self.position} 页"


class FilingReceipt(models.Model):
    """A 备案回执 as it was issued; what it is worth today is the filing's status, never this row."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="receipts")
    receipt_no = models.CharField("回执编号", max_length=20, unique=True)
    version = models.ForeignKey(FilingVersion, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField("内容")
    document = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    conditions = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField("出具日期")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "备案回执"
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return self.receipt_no
