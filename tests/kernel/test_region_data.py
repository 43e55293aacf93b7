"""The reference files `data/regions.csv` and `data/departments.csv` are complete and consistent (no database)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "yancheng_childcare" / "data"

Row = dict[str, str]

REGION_HEAD = ["code", "name", "short_name", "level", "parent", "code_kind", "prefix", "population_demo", "source"]
DEPARTMENT_HEAD = [
    "code",
    "name",
    "short_name",
    "kind",
    "level",
    "region",
    "annex_no",
    "duty_summary",
    "group",
    "source",
]

# GB/T 2260 codes of the nine counties; the two zones have none.
COUNTIES = {
    "320902": "亭湖区",
    "320903": "盐都区",
    "320904": "大丰区",
    "320921": "响水县",
    "320922": "滨海县",
    "320923": "阜宁县",
    "320924": "射阳县",
    "320925": "建湖县",
    "320981": "东台市",
}
ZONES = {"320971": "盐城经济技术开发区", "3209GX": "盐南高新技术产业开发区"}
AREAS = COUNTIES | ZONES

# 2023 list of the National Bureau of Statistics, plus two streets of 亭湖区 founded later.
TOWNS_PER_AREA = {
    "320902": 15,
    "320903": 14,
    "320904": 19,
    "320921": 11,
    "320922": 19,
    "320923": 17,
    "320924": 19,
    "320925": 14,
    "320971": 2,
    "320981": 21,
    "3209GX": 5,
}

CENSUS_2020 = 6_709_629

ANNEX_KINDS = [
    "DRC",
    "EDU",
    "IIT",
    "POLICE",
    "CIVIL",
    "FINANCE",
    "HRSS",
    "NRP",
    "ECO",
    "HURD",
    "CULTURE",
    "HEALTH",
    "MARKET",
    "FINREG",
    "TAX",
    "FIRE",
    "UNION",
    "YOUTH",
    "WOMEN",
    "FPA",
]
OWN_KINDS = {"STAFFING", "APPROVAL", "CREDIT", "LEGAL", "AUDIT", "EVALUATOR", "PLATFORM"}
AREA_KINDS = {"HEALTH", "MARKET", "CIVIL", "POLICE", "STAFFING", "EDU", "FIRE"}


def read(name: str, head: list[str]) -> list[Row]:
    """Rows of a reference file; fails when the columns differ, a row is ragged or a cell has stray blanks."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == head
    assert all(len(line) == len(head) for line in lines)
    assert all(cell == cell.strip() for line in lines for cell in line)
    return [dict(zip(head, line, strict=True)) for line in lines[1:]]


@pytest.fixture(scope="module")
def regions() -> list[Row]:
    return read("regions.csv", REGION_HEAD)


@pytest.fixture(scope="module")
def departments() -> list[Row]:
    return read("departments.csv", DEPARTMENT_HEAD)


def test_region_codes_prefixes_and_names_are_unique(regions: list[Row]) -> None:
    assert len(regions) == len({r["code"] for r in regions}) == len({r["prefix"] for r in regions}) == 168
    assert len({(r["parent"], r["name"]) for r in regions}) == len(regions)
    assert all(r["name"] and r["short_name"] and r["source"] for r in regions)


def test_one_city_nine_counties_two_zones(regions: list[Row]) -> None:
    named = {
        level: {r["code"]: r["name"] for r in regions if r["level"] == level} for level in ("CITY", "COUNTY", "ZONE")
    }
    assert named == {"CITY": {"320900": "盐城市"}, "COUNTY": COUNTIES, "ZONE": ZONES}
    assert Counter(r["level"] for r in regions) == {"CITY": 1, "COUNTY": 9, "ZONE": 2, "TOWN": 156}


def test_every_parent_exists_one_level_up(regions: list[Row]) -> None:
    level_of = {r["code"]: r["level"] for r in regions}
    for r in regions:
        if r["level"] == "CITY":
            assert r["parent"] == ""
        else:
            expected = {"COUNTY", "ZONE"} if r["level"] == "TOWN" else {"CITY"}
            assert level_of[r["parent"]] in expected, r


def test_a_parent_stands_above_its_children_in_the_file(regions: list[Row]) -> None:
    seen = {""}
    for r in regions:
        assert r["parent"] in seen, r
        seen.add(r["code"])


def test_prefix_is_the_parents_prefix_plus_the_own_code(regions: list[Row]) -> None:
    prefix_of = {r["code"]: r["prefix"] for r in regions}
    for r in regions:
        assert r["prefix"] == f"{prefix_of.get(r['parent'], '/')}{r['code']}/"


def test_prefix_selects_exactly_the_own_towns(regions: list[Row]) -> None:
    towns = [r for r in regions if r["level"] == "TOWN"]
    city = next(r for r in regions if r["level"] == "CITY")
    assert all(r["prefix"].startswith(city["prefix"]) for r in regions)
    for area in (r for r in regions if r["code"] in AREAS):
        inside = {t["code"] for t in towns if t["prefix"].startswith(area["prefix"])}
        assert inside == {t["code"] for t in towns if t["parent"] == area["code"]}
    # LIKE treats these as wildcards: a prefix must never hold one.
    assert not any(set("%_\\") & set(r["prefix"]) for r in regions)


def test_number_of_towns_per_area(regions: list[Row]) -> None:
    assert Counter(r["parent"] for r in regions if r["level"] == "TOWN") == TOWNS_PER_AREA


def test_towns_run_by_the_zones_hang_under_the_zone_only(regions: list[Row]) -> None:
    def names(parent: str) -> set[str]:
        return {r["name"] for r in regions if r["parent"] == parent}

    assert names("3209GX") == {"黄海街道", "新都街道", "新河街道", "科城街道", "伍佑街道"}
    assert names("320971") == {"新城街道", "步凤镇"}
    assert not (names("320902") | names("320903")) & (names("3209GX") | names("320971"))


def test_codes_have_the_form_of_their_kind(regions: list[Row]) -> None:
    for r in regions:
        if r["level"] in {"CITY", "COUNTY"}:
            assert r["code_kind"] == "GB2260" and re.fullmatch(r"3209\d\d", r["code"])
        elif r["level"] == "TOWN" and r["code_kind"] == "STAT":
            assert re.fullmatch(r"3209\d{5}", r["code"])
    local = {r["code"] for r in regions if r["code_kind"] == "LOCAL"}
    assert local == {"3209GX", "320902L01", "320902L02"}
    assert {r["code_kind"] for r in regions} == {"GB2260", "STAT", "LOCAL"}


def test_a_statistical_town_code_starts_with_its_county_unless_a_zone_took_it_over(regions: list[Row]) -> None:
    for r in regions:
        if r["level"] == "TOWN" and r["parent"] != "3209GX":
            assert r["code"].startswith(r["parent"]), r
        elif r["level"] == "TOWN":
            assert r["code"][:6] in {"320902", "320903"} and "盐南高新区" in r["source"]


def test_demo_population_adds_up_to_the_census(regions: list[Row]) -> None:
    given = {r["code"]: int(r["population_demo"]) for r in regions if r["population_demo"]}
    assert set(given) == set(AREAS)
    assert sum(given.values()) == CENSUS_2020
    assert all("演示数" in r["source"] for r in regions if r["population_demo"])


def test_fields_fit_the_columns_of_the_tables(regions: list[Row], departments: list[Row]) -> None:
    region_limits = {"code": 12, "name": 60, "short_name": 30, "prefix": 60, "source": 200}
    department_limits = {"code": 32, "name": 80, "short_name": 40, "kind": 16, "duty_summary": 200, "source": 200}
    assert all(len(r[field]) <= limit for r in regions for field, limit in region_limits.items())
    assert all(len(d[field]) <= limit for d in departments for field, limit in department_limits.items())


def test_department_codes_are_region_and_kind_and_unique(departments: list[Row]) -> None:
    assert len(departments) == len({d["code"] for d in departments}) == len({d["name"] for d in departments}) == 104
    for d in departments:
        assert d["code"] == f"{d['region']}-{d['kind']}"
        assert d["short_name"] and d["group"] and d["source"]


def test_department_regions_exist_and_levels_agree(regions: list[Row], departments: list[Row]) -> None:
    level_of = {r["code"]: r["level"] for r in regions}
    assert all(level_of[d["region"]] == d["level"] for d in departments)


def test_each_annex_number_stands_once_at_city_level_in_the_plans_order(departments: list[Row]) -> None:
    city = [d for d in departments if d["level"] == "CITY" and d["annex_no"]]
    assert [(int(d["annex_no"]), d["kind"]) for d in city] == list(enumerate(ANNEX_KINDS, start=1))


def test_bodies_outside_the_annex_have_no_annex_number(departments: list[Row]) -> None:
    own = {d["kind"] for d in departments if not d["annex_no"]}
    assert own == OWN_KINDS


def test_every_area_has_its_seven_departments(departments: list[Row]) -> None:
    for area in AREAS:
        assert {d["kind"] for d in departments if d["region"] == area} == AREA_KINDS, area


def test_area_departments_carry_the_annex_number_of_their_kind(departments: list[Row]) -> None:
    number = {kind: str(i) for i, kind in enumerate(ANNEX_KINDS, start=1)}
    assert all(d["annex_no"] == number.get(d["kind"], "") for d in departments)


def test_duty_summaries_are_one_chinese_sentence(departments: list[Row]) -> None:
    for d in departments:
        assert re.fullmatch(r"[^。\s]{8,60}。", d["duty_summary"]), d
