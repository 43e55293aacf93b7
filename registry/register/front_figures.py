"""Key figures of the front page, with their date: one small query, kept for a minute."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.utils import timezone

from yancheng_childcare.replica import public_cursor

from ..choices import FILED_STATES, PUBLIC_STATES

SECONDS = 60
# 已备案 as `InstitutionQuerySet.filed` counts it.
SQL = """SELECT count(*),
 count(*) FILTER (WHERE filing_state = ANY(%s) OR (filed_on IS NOT NULL AND NOT filing_state = ANY(%s))),
 count(*) FILTER (WHERE filing_state = 'NONCONFORMING'), count(*) FILTER (WHERE filed_on IS NULL),
 (SELECT sum(capacity_total) FROM registry_publicentry WHERE listed),
 (SELECT count(capacity_total) FROM registry_publicentry WHERE listed)
 FROM registry_institution WHERE status = 'ACTIVE'"""


def public_figures() -> dict[str, Any]:
    """Registered, filed and not yet filed institutions of the city, places on file, and when they were counted."""
    figures = cache.get("public_figures")
    if figures is None:
        with public_cursor() as cursor:
            cursor.execute(SQL, [list(FILED_STATES), list(PUBLIC_STATES)])
            registered, filed, wrong, unfiled, places, told = cursor.fetchone()
        figures = {
            "at": timezone.localtime(),
            "tiles": [
                {"label": "已登记", "value": registered, "unit": "家", "hint": "登记机关登记、状态为存续"},
                {
                    "label": "已备案",
                    "value": filed,
                    "unit": "家",
                    "hint": "在本平台或国家系统备案，含停业" + (f"；另有 {wrong:,} 家备案内容不符合" if wrong else ""),
                },
                {"label": "已登记未备案", "value": unfiled, "unit": "家", "hint": "卫健部门正在督促备案"},
                {
                    "label": "备案托位",
                    "value": int(places or 0),
                    "unit": "个",
                    "hint": f"{told:,} 家在本平台填报的机构合计",
                },
            ],
        }
        cache.set("public_figures", figures, SECONDS)
    return figures
