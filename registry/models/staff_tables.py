"""People and duties of departments handed in as one table: asked for by one administrator, approved by another."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Department, Region
from yancheng_childcare.models.approvals import TwoPersons, two_persons

from ..querysets import StaffTableQuerySet

# The columns of a row as an approval shows them.
ROW_TITLES = {
    "line": "行", "does": "办理", "display_name": "姓名", "username": "用户名", "email": "电子邮箱", "role": "角色",
    "department": "部门", "region": "辖区", "certificate_no": "执法证号", "valid_from": "期限",
}  # fmt: skip
NEW_PERSON, NEW_DUTY = "新建并授予", "授予职责"


@pghistory.track(exclude=["rows", "outcome"])
class StaffTable(TwoPersons):
    """One table. `rows` are the good rows as they were submitted and never change; `outcome` is what became of each.

    A row: the fields of `ROW_TITLES` and `valid_to`, codes and ISO days; `does` is `NEW_PERSON` or `NEW_DUTY`.
    An outcome: {"line", "done", "words", "request" (key of the link's request, for a new person)}.
    """

    NOT_SHOWN = frozenset({"file", "outcome", "taken_at", "closed_at", "refusal"})
    ACT = "staff_table"
    OPEN = Q(closed_at__isnull=True)
    EFFECT = "registry.accounts.staff_table.taking.table_was_approved"
    ALONE = True
    AS_ROWS = "rows"
    REFUSED_WITH_REASON = True

    file = models.ForeignKey("yancheng_childcare.StoredFile", on_delete=models.PROTECT, verbose_name="文件")
    name = models.CharField("表格", max_length=255)
    rows = models.JSONField("各行")
    asked_at = models.DateTimeField("提交时间", auto_now_add=True)
    outcome = models.JSONField("办理结果", default=list, blank=True)
    taken_at = models.DateTimeField("办理时间", null=True, blank=True)
    refusal = models.CharField("不予批准的理由", max_length=200, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = StaffTableQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员与职责表"
        ordering = ["-id"]
        constraints = [
            *two_persons("staff_table"),
            models.UniqueConstraint(
                fields=["file"],
                condition=Q(closed_at__isnull=True, approved_by__isnull=True),
                name="staff_table_one_open",
                violation_error_message="这个表格已经提交，正在等待批准。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{len(self.rows)} 行）"

    def gained_by(self, person: Any) -> bool:
        return any(row["username"] == person.username for row in self.rows)

    def page(self) -> str:
        return reverse("staff-table:table", args=[self.pk])

    def why_closed(self) -> str:
        return "已经撤回或者不予批准" if self.closed_at is not None else ""

    def end_unapproved(self, reason: str = "") -> None:
        self.refusal = reason
        self.save(update_fields=["refusal"])
        super().end_unapproved()

    def shown_rows(self) -> tuple[list[str], list[list[str]]]:
        departments = dict(Department.objects.values_list("code", "name"))
        regions = dict(Region.objects.values_list("code", "name"))
        words = {"role": dict(Role.choices), "department": departments, "region": regions}
        rows = []
        for row in self.rows:
            days = f"{row['valid_from']} 至 {row['valid_to']}" if row["valid_to"] else f"{row['valid_from']} 起"
            shown = {name: words.get(name, {}).get(row[name], row[name]) for name in ROW_TITLES} | {"valid_from": days}
            rows.append([str(value) for value in shown.values()])
        return list(ROW_TITLES.values()), rows
