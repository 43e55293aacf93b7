"""Rows of fictional institutions with valid check digits, written as the import template has them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from registry.choices import Nature
from registry.registration.fields import ENTERED, LABELS
from registry.rules.identity import make_id_number
from registry.rules.uscc import make_uscc

REGION, REGION_NAME = "320902", "亭湖区"
_WORDS = ["小太阳", "向日葵", "彩虹桥", "蒲公英", "启明星", "小雨点", "金摇篮", "芽芽乐", "暖宝贝", "小脚丫"]
_STREETS = ["建军", "人民", "迎宾", "解放", "希望", "开放", "文港", "青年", "大庆", "黄海"]


def rows(count: int, towns: list[tuple[str, str]], first: int = 0) -> Iterator[dict[str, Any]]:
    """`count` registrations of one district as a registrar would type them: labels in Chinese, some without an end."""
    for number in range(first, first + count):
        town_code, town_name = towns[number % len(towns)]
        word, street = _WORDS[number % 10], _STREETS[number // 10 % 10]
        begun = date(2016, 1, 1) + timedelta(days=number % 3_000)
        yield {
            "uscc": make_uscc("91", REGION, number),
            "name": f"盐城市{REGION_NAME}{word}{number}号托育服务有限公司"
            if number % 4
            else f"盐城{word}{street}托育服务有限公司",
            "nature": Nature.FORPROFIT.label,
            "registered_address": f"盐城市{REGION_NAME}{town_name}{street}路{number % 900 + 1}号{number % 30 + 1}幢",
            "region_code": REGION_NAME,
            "town_code": town_name,
            "legal_rep_name": "王" + "小明建国红梅海燕文静"[number % 9 : number % 9 + 2],
            "legal_rep_id_no": make_id_number(REGION, date(1970, 1, 1) + timedelta(days=number % 9_000), number % 999),
            "contact_phone": f"138{number % 100_000_000:08d}",
            "registered_capital": str(10 + number % 500),
            "capital_kind": "注册资本",
            "business_scope": "托育服务（不含幼儿园、托儿所）；母婴生活护理；玩具销售；教育咨询服务",
            "purpose": "",
            "supervising_unit": "",
            "established_on": begun.isoformat(),
            "approved_on": (begun + timedelta(days=2)).isoformat(),
            "valid_from": begun.isoformat(),
            "valid_to": "长期" if number % 3 else (date(2030, 1, 1) + timedelta(days=number % 3_000)).isoformat(),
        }


def write_csv(path: Path, count: int, towns: list[tuple[str, str]]) -> None:
    """The table as UTF-8 csv with the template's headers."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([LABELS[name] for name in ENTERED])
        writer.writerows([row[name] for name in ENTERED] for row in rows(count, towns))
