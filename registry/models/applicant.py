"""Who applies before there is an institution (decision 18): under licensing the permit comes before the registration."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from yancheng_childcare.crypto import EncryptedTextField

from ..choices import Nature
from ..querysets import ApplicantQuerySet


@pghistory.track(exclude=["contact_name", "contact_phone"])
class Applicant(models.Model):
    """Somebody with a declared name and no credit code yet; becomes one institution when it is registered (先证后照).

    Acts and clocks of its case are kept under `subject`, as those of an institution are under the institution's.
    """

    no = models.CharField("申请人编号", max_length=20, unique=True)
    name = models.CharField("申报名称", max_length=100)
    name_declaration_no = models.CharField("名称申报编号", max_length=40, blank=True)
    nature = models.CharField("拟登记性质", max_length=16, choices=Nature.choices)
    region = models.ForeignKey(
        "yancheng_childcare.Region", on_delete=models.PROTECT, related_name="+", verbose_name="所属县（市、区）"
    )
    contact_name = EncryptedTextField("联系人", purpose="registry.applicant.contact_name")
    contact_phone = EncryptedTextField("联系电话", purpose="registry.applicant.contact_phone")
    institution = models.OneToOneField(
        "registry.Institution",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applicant",
        verbose_name="登记后的机构",
    )
    registered_on = models.DateField("登记日期", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "许可申请人"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""), name="applicant_named", violation_error_message="请填写名称。"
            ),
            models.CheckConstraint(
                condition=Q(institution__isnull=True, registered_on__isnull=True)
                | Q(institution__isnull=False, registered_on__isnull=False),
                name="applicant_registered_with_date",
                violation_error_message="登记后的机构和登记日期要么都有，要么都没有。",
            ),
            models.UniqueConstraint(
                fields=["region", "name"],
                condition=Q(institution__isnull=True),
                name="applicant_once",
                violation_error_message="这一名称已有申请人。",
            ),
        ]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """The key under which acts and clocks of its case are kept."""
        return f"registry.applicant:{self.no}"
