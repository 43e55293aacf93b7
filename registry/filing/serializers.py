"""Filings over the API: what goes in, what comes out."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers

from yancheng_childcare.api_input import StrictSerializer, Text, Truth, Whole

from ..choices import FilingKind, FilingStatus, ItemVerdict, PauseReason, Regime, ServiceMode
from ..models import Filing
from ..rules.filing.sections import FORM_SECTIONS
from .services import available_steps
from .states import state_of


class FilingStart(StrictSerializer):
    """A new filing."""

    uscc = Text(max_length=32, help_text="机构的统一社会信用代码。")
    kind = serializers.ChoiceField(choices=FilingKind.choices, required=False, default="INITIAL", help_text="事项。")


class SectionInput(StrictSerializer):
    """The answers of one section; names are the fields of the form."""

    answers = serializers.DictField(help_text="栏目内的字段和填写内容；没有写的字段保持不变。")
    version = Whole(min_value=0, help_text="读取时这一栏的版本；还没有填过的为 0。")


class VerdictInput(StrictSerializer):
    """A verdict on one item, sent together with a step of the reviewer."""

    item = Text(max_length=24, help_text="审查项：registration、栏目名或材料代码。")
    verdict = serializers.ChoiceField(choices=ItemVerdict.choices, help_text="结论。")
    reason = Text(required=False, allow_blank=True, max_length=500, help_text="理由。")
    clause = Text(required=False, allow_blank=True, max_length=200, help_text="依据。")
    how_to_fix = Text(required=False, allow_blank=True, max_length=300, help_text="怎么改。")
    rule_id = Text(required=False, allow_blank=True, max_length=16, help_text="规则编号。")


class ReasonItem(StrictSerializer):
    """One reason of a negative decision."""

    item = Text(required=False, default="", allow_blank=True, max_length=24, help_text="审查项。")
    title = Text(max_length=60, help_text="事项名称。")
    finding = Text(max_length=500, help_text="不符合的内容。")
    clause = Text(max_length=200, help_text="依据的文件和条款。")
    how_to_fix = Text(required=False, default="", allow_blank=True, max_length=300, help_text="怎么改。")
    where = Text(required=False, default="", allow_blank=True, max_length=60, help_text="在哪里改。")
    rule_id = Text(required=False, default="", allow_blank=True, max_length=16, help_text="规则编号。")


class PlanInput(StrictSerializer):
    """Arrangement of a suspension or closure (domain.md §2.6)."""

    from_day = serializers.DateField(help_text="停止服务日期。")
    until_day = serializers.DateField(required=False, allow_null=True, default=None, help_text="预计恢复日期。")
    parents_told_on = serializers.DateField(help_text="告知家长日期。")
    children = Whole(min_value=0, max_value=100_000, help_text="在托人数。")
    children_placed = Whole(min_value=0, max_value=100_000, help_text="已安置人数。")
    placement = Text(required=False, default="", allow_blank=True, max_length=500, help_text="安置去向。")
    staff_settled = Truth(required=False, default=False, help_text="职工已妥善安置。")
    refunds_settled = Truth(required=False, default=False, help_text="费用已结清。")
    refund_contact = Text(max_length=100, help_text="退费联系方式。")


class StepInput(StrictSerializer):
    """What a step may carry; which names a step needs says its answer (422) and docs/workflows.md."""

    reason = Text(required=False, allow_blank=True, max_length=500, help_text="理由。")
    clause = Text(
        required=False, allow_blank=True, max_length=200, help_text="依据（提请不予收件、不予变更、撤销备案）。"
    )
    competent = Text(required=False, allow_blank=True, max_length=100, help_text="应当办理的机关（提请不予收件）。")
    cause = serializers.ChoiceField(choices=PauseReason.choices, required=False, help_text="暂停事由。")
    agrees = Truth(required=False, help_text="法制审核：同意。")
    officers = serializers.ListField(
        child=Text(max_length=150), required=False, max_length=10, help_text="核实人员的用户名，至少两人。"
    )
    planned_on = serializers.DateField(required=False, help_text="计划核实日期。")
    items = ReasonItem(many=True, required=False, help_text="不符合的事项，逐条对应规则。")
    verdicts = VerdictInput(many=True, required=False, help_text="随受理岗的步骤一并给出的审查结论。")
    plan = PlanInput(required=False, help_text="停业或终止安排。")


class SectionOut(serializers.Serializer[Any]):
    """One section."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    answers = serializers.DictField()


class LinkOut(serializers.Serializer[Any]):
    """Addresses."""

    self = serializers.CharField()
    institution = serializers.CharField()


class FilingOut(serializers.Serializer[Any]):
    """One filing. Personal answers (telephone, mail) are never shown over the API."""

    no = serializers.CharField()
    uscc = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=FilingKind.choices)
    regime = serializers.ChoiceField(choices=Regime.choices)
    status = serializers.ChoiceField(choices=FilingStatus.choices)
    status_text = serializers.CharField()
    public_text = serializers.CharField()
    authority = serializers.DictField(child=serializers.CharField())
    region_code = serializers.CharField()
    town_code = serializers.CharField()
    receipt_no = serializers.CharField()
    service_address = serializers.CharField()
    service_modes = serializers.ListField(child=serializers.ChoiceField(choices=ServiceMode.choices))
    capacity_total = serializers.IntegerField(allow_null=True)
    pause_reason = serializers.CharField()
    submitted_at = serializers.CharField(allow_null=True)
    record_version = serializers.IntegerField()
    actions = serializers.ListField(child=serializers.CharField())
    sections = SectionOut(many=True, required=False)
    links = LinkOut()


def shown(filing: Filing, reader: Any, *, whole: bool = False) -> dict[str, Any]:
    """The fields of `FilingOut`. `whole` adds the sections (one query)."""
    institution = filing.institution
    row: dict[str, Any] = {
        "no": filing.no,
        "uscc": institution.uscc,
        "name": institution.name,
        "kind": str(filing.kind),
        "regime": str(filing.regime),
        "status": str(filing.status),
        "status_text": filing.get_status_display(),
        "public_text": state_of(filing).public,
        "authority": {"code": filing.authority_id, "name": filing.authority.name},
        "region_code": institution.region_id,
        "town_code": institution.town_id,
        "receipt_no": filing.receipt_no,
        "service_address": filing.service_address,
        "service_modes": list(filing.service_modes),
        "capacity_total": filing.capacity_total,
        "pause_reason": filing.pause_reason,
        "submitted_at": timezone.localtime(filing.submitted_at).isoformat(timespec="seconds")
        if filing.submitted_at
        else None,
        "record_version": filing.record_version,
        "actions": [step.name for step in available_steps(filing, reader)],
        "links": {
            "self": reverse("api:filing", args=[filing.no]),
            "institution": reverse("api:registration", args=[institution.uscc]),
        },
    }
    if whole:
        kept = {section.name: section for section in filing.sections.all()}
        row["sections"] = [
            {"name": spec.name, "version": kept[spec.name].version, "answers": kept[spec.name].data}
            for spec in FORM_SECTIONS
            if spec.name in kept
        ]
    return row
