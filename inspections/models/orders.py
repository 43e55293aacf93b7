"""What follows from an inspection: the order to put right, and the referral to the body that has the power.

The database itself refuses an order without power: it follows an inspection under way by two officers whose certificates
held that day, and each of its lines is an item found not met, in their field of law, with a binding basis
(国办发〔2024〕54号; 行政处罚法 第四十二条; domain-2.md B2.1, I12, I14, I15, I18).
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from casework.models import CaseBody
from yancheng_childcare.append_only import append_only

from ..choices import Field, Severity
from .visits import VisitItem

_POWER = """
    IF NOT EXISTS (
        SELECT 1 FROM casework_case mine
        JOIN casework_case origin ON origin.id = mine.parent_id AND origin.type = 'INSPECTION'
        JOIN inspections_visit visit ON visit.case_id = origin.id AND visit.arrived_at IS NOT NULL
        JOIN inspections_enforcementsubject subject
            ON subject.id = visit.subject_id AND subject.department_id = mine.authority_id
        WHERE mine.id = NEW.case_id AND (
            SELECT count(DISTINCT officer.user_id) FROM inspections_visitofficer crew
            JOIN inspections_officer officer ON officer.id = crew.officer_id
            WHERE crew.visit_id = visit.case_id AND officer.subject_id = visit.subject_id
              AND officer.approved_by_id IS NOT NULL AND subject.approved_by_id IS NOT NULL
              AND coalesce(least(officer.ended_on, subject.ended_on), 'infinity'::date)
                  > (visit.arrived_at AT TIME ZONE 'Asia/Shanghai')::date
              AND (visit.arrived_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN officer.valid_from AND officer.valid_to
        ) >= 2
    ) THEN
        RAISE EXCEPTION 'an order needs an inspection by two certified officers of its own body';
    END IF;
    RETURN NEW;
"""
_LINE = """
    IF NOT EXISTS (
        SELECT 1 FROM inspections_visititem line
        JOIN inspections_checkitem item ON item.id = line.item_id AND item.binding
        JOIN inspections_visit visit ON visit.case_id = line.visit_id
        JOIN inspections_enforcementsubject subject
            ON subject.id = visit.subject_id AND subject.field = ANY (item.fields)
        JOIN casework_case mine ON mine.id = NEW.order_id AND mine.parent_id = line.visit_id
        WHERE line.id = NEW.line_id AND line.verdict = 'NOT_MET'
    ) THEN
        RAISE EXCEPTION 'an order names what was found not met, in its own field, on a binding basis';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
class Rectification(CaseBody):
    """责令改正 and what the institution did. `severity` is that of its gravest line and gives the days."""

    severity = models.CharField("严重度", max_length=8, choices=Severity.choices)
    extended = models.BooleanField("已延期", default=False)
    stopped = models.CharField("机构自行停用的区域或岗位", max_length=200, blank=True)
    cause = models.CharField("原因", max_length=500, blank=True)
    measures = models.CharField("整改措施", max_length=1000, blank=True)
    outcome = models.CharField("整改结果", max_length=1000, blank=True)
    prevention = models.CharField("防止再发生的办法", max_length=500, blank=True)
    overdue_shown = models.BooleanField("公示整改逾期", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "责令改正"
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Trigger(name="by_power_alone", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_POWER),
        ]


class OrderLine(models.Model):
    """One finding an order names; a finding is ordered once."""

    order = models.ForeignKey(Rectification, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(VisitItem, on_delete=models.PROTECT, related_name="orders")

    class Meta:
        verbose_name = verbose_name_plural = "责令改正的问题"
        ordering = ["order_id", "line__item__position"]
        constraints = [models.UniqueConstraint(fields=["line"], name="order_line_once")]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(name="by_power_alone", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_LINE),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.line_id}"


@pghistory.track()
class Referral(CaseBody):
    """案件移送: what was seen in another body's field goes to that body. `answer` is what it made of it."""

    field = models.CharField("领域", max_length=8, choices=Field.choices)
    sender = models.ForeignKey(
        "yancheng_childcare.Department", on_delete=models.PROTECT, related_name="+", verbose_name="移送机关"
    )
    facts = models.TextField("移送的情况", max_length=2000)
    urgent = models.BooleanField("当日移送", default=False)
    answer = models.CharField("处理情况", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "案件移送"
        constraints = [models.CheckConstraint(condition=Q(facts__gt=""), name="referral_says_what")]
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
