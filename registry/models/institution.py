"""One institution, one row, keyed by its unified social credit code; fields as in domain.md §1.2."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower

from yancheng_childcare.crypto import EncryptedTextField

from ..choices import CapitalKind, EntryChannel, FilingStatus, Nature, RegistrationStatus
from ..querysets import InstitutionQuerySet
from .pieces import Pieces


def subject_of(uscc: str) -> str:
    """The key under which acts and clocks of the institution of this credit code are kept."""
    return f"registry.institution:{uscc}"


@pghistory.track(exclude=["name_pinyin", "name_initials", "filing_events"])
class Institution(models.Model):
    """A registered childcare institution. Status changes only through `registry.registration.workflow`; history is kept by trigger."""

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("名称", max_length=100)
    former_names = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name="曾用名")
    name_pinyin = models.CharField(max_length=400, blank=True, editable=False)
    name_initials = models.CharField(max_length=100, blank=True, editable=False)
    nature = models.CharField("机构性质", max_length=16, choices=Nature.choices)
    registered_address = models.CharField("住所（登记地址）", max_length=200)
    region = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+", verbose_name="所属县（市、区）"
    )
    town = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+", verbose_name="所属镇（街道）"
    )
    legal_rep_name = models.CharField("法定代表人（负责人）", max_length=50)
    legal_rep_id_no = EncryptedTextField("法定代表人证件号码", purpose="registry.institution.legal_rep_id_no")
    legal_rep_id_index = models.CharField(max_length=64, db_index=True, editable=False)
    contact_phone = EncryptedTextField("联系电话", purpose="registry.institution.contact_phone", blank=True, default="")
    registered_capital = models.DecimalField("注册资本（开办资金，万元）", max_digits=16, decimal_places=6)
    capital_kind = models.CharField("资金类别", max_length=12, choices=CapitalKind.choices)
    business_scope = models.TextField("业务（经营）范围", max_length=4000)
    purpose = models.CharField("宗旨", max_length=1000, blank=True)
    supervising_unit = models.CharField("业务主管单位", max_length=100, blank=True)
    established_on = models.DateField("成立日期")
    approved_on = models.DateField("核准日期")
    valid_from = models.DateField("证照有效期自")
    valid_to = models.DateField("证照有效期至", null=True, blank=True, help_text="长期有效的不填")
    registry_org = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="+", verbose_name="登记机关"
    )
    certificate_file = models.ForeignKey(
        "yancheng_childcare.StoredFile", on_delete=models.PROTECT, null=True, blank=True, verbose_name="证照扫描件"
    )
    status = models.CharField(
        "登记状态", max_length=10, choices=RegistrationStatus.choices, default=RegistrationStatus.ACTIVE
    )
    terminated_on = models.DateField("终止日期", null=True, blank=True)
    termination_reason = models.CharField("终止原因", max_length=300, blank=True)
    record_version = models.PositiveIntegerField("版本", default=1)
    # Findings where the law only recommends: kept, listed, answered by the registrar. [{code, field, message, …}]
    warnings = models.JSONField("提示", default=list, blank=True)
    channel = models.CharField("录入方式", max_length=8, choices=EntryChannel.choices, default=EntryChannel.FORM)
    # What its filing says today, kept here for lists and search; written only by the filing's workflow and by
    # `record_filing` (an institution that filed in the national system before this portal).
    filing_state = models.CharField(
        "备案状态", max_length=18, choices=FilingStatus.choices, blank=True, db_default="", default=""
    )
    filing_events = models.PositiveIntegerField("备案事件数", default=0, db_default=0, editable=False)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    national_filing_no = models.CharField("国家系统备案编号", max_length=40, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "托育机构"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_on__gte=F("established_on")),
                name="institution_approved_after_established",
                violation_error_message="核准日期不能早于成立日期。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="institution_validity",
                violation_error_message="有效期的结束日期必须晚于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(status=RegistrationStatus.ACTIVE, terminated_on__isnull=True)
                | (~Q(status=RegistrationStatus.ACTIVE) & Q(terminated_on__isnull=False)),
                name="institution_terminated_has_date",
                violation_error_message="注销、吊销、撤销必须有终止日期。",
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="institution_name"),
            models.Index(fields=["region", "-id"], name="institution_region"),
            models.Index(fields=["registry_org", "-id"], name="institution_registry_org"),
            models.Index(
                fields=["region", "established_on"],
                condition=Q(status=RegistrationStatus.ACTIVE, filed_on__isnull=True),
                name="institution_unfiled",
            ),
            # Parents look up by a part of the name what is on no public list (`registry.register.apart`).
            GinIndex(
                Pieces(Lower("name"), "region", Value("")),
                Pieces("name_pinyin", "region", Value("")),
                name="institution_outside",
                condition=~Q(status=RegistrationStatus.ACTIVE)
                | Q(filed_on__isnull=True)
                | Q(filing_state__in=["CANCELLED", "RESCINDED"]),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """The key under which acts and clocks of this institution are kept."""
        return subject_of(self.uscc)
