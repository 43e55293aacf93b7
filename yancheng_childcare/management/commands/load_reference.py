"""`load_reference`: regions and departments from `yancheng_childcare/data/*.csv`; safe to run again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from yancheng_childcare.models import Department, Region
from yancheng_childcare.signals import reference_loaded

DATA = Path(__file__).resolve().parents[2] / "data"
REGION_FIELDS = ["name", "short_name", "level", "parent_id", "code_kind", "prefix", "population_demo", "source"]
DEPARTMENT_FIELDS = ["name", "short_name", "kind", "region_id", "annex_no", "duty_summary", "source"]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one reference file."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Command(BaseCommand):
    help = "载入行政区划与部门基础数据（可重复执行）"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        regions = [
            Region(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                level=row["level"],
                parent_id=row["parent"] or None,
                code_kind=row["code_kind"],
                prefix=row["prefix"],
                population_demo=int(row["population_demo"]) if row["population_demo"] else None,
                source=row["source"],
            )
            for row in rows("regions.csv")
        ]
        Region.objects.bulk_create(regions, update_conflicts=True, unique_fields=["code"], update_fields=REGION_FIELDS)
        departments = [
            Department(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                kind=row["kind"],
                region_id=row["region"],
                annex_no=int(row["annex_no"]) if row["annex_no"] else None,
                duty_summary=row["duty_summary"],
                source=row["source"],
            )
            for row in rows("departments.csv")
        ]
        Department.objects.bulk_create(
            departments, update_conflicts=True, unique_fields=["code"], update_fields=DEPARTMENT_FIELDS
        )
        reference_loaded.send(type(self))
        self.stdout.write(f"区划 {len(regions)} 条，部门 {len(departments)} 条")
