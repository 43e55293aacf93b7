"""The whole check of one registration: the pure rules plus what only the database knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Department
from yancheng_childcare.places import places
from yancheng_childcare.problems import Level, Problem

from ..rules.registration import check_registration


def check_places(data: Mapping[str, Any]) -> list[Problem]:
    """Region and town are in the reference data, and the town lies in the region (form is checked by the rules)."""
    region, town = str(data.get("region_code") or ""), str(data.get("town_code") or "")
    known = places()
    if not region or not town:
        return []
    if region not in known or known[region][0] not in {"COUNTY", "ZONE"}:
        return [Problem("REG-502", "region_code", "区划表里没有这个县（市、区），请从列表中选择。")]
    if town not in known:
        return [Problem("REG-502", "town_code", "区划表里没有这个镇（街道），请从列表中选择。")]
    if known[town][1] != region:
        words = f"{known[town][2]}不属于{known[region][2]}，请重新选择镇（街道）。"
        return [Problem("REG-503", "town_code", words)]
    return []


def check_authority(data: Mapping[str, Any], registry_org: Department) -> list[Problem]:
    """The authority may register institutions of this region: its own area, or below it for a city bureau."""
    region = str(data.get("region_code") or "")
    known = places()
    if region not in known:
        return []
    own = registry_org.region_id
    if region == own or known[region][1] == own:
        return []
    return [
        Problem(
            "REG-504",
            "region_code",
            f"{registry_org.short_name}的辖区不包括{known[region][2]}。请由机构所在地登记机关录入。",
            clause="方案 三(三)1：机构所在地县级以上登记机关",
        )
    ]


def full_check(data: Mapping[str, Any], *, registry_org: Department, today: date | None = None) -> list[Problem]:
    """Every problem of one registration, blocking ones first."""
    found = [
        *check_registration(data, today=today or today_here(), authority_kind=registry_org.kind),
        *check_places(data),
        *check_authority(data, registry_org),
    ]
    return sorted(found, key=lambda p: p.level != Level.BLOCK)
