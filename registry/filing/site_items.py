"""What 现场核实 looks at: the fourteen points of the hygiene self-evaluation by area, and the setting standard.

The sources name 4 areas and 14 points (2022 通知, 卫生评价); the file of record lists them by content, so the wording here
is the portal's own ([A]) and each point cites the rule it checks. Facts to be aligned with the ministry's form.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ..rules.filing.catalogue import rule_of

# (id, title, rule, the section or document the institution mends when it fails)
SITE_ITEMS: tuple[tuple[str, str, str, str], ...] = (
    ("S01", "场地与备案内容一致，用途合法", "R-SITE-01", "premises"),
    ("S02", "生活用房不在地下室、半地下室", "R-SITE-02", "premises"),
    ("S03", "生活用房楼层符合要求", "R-SITE-03", "premises"),
    ("S04", "采光：窗洞面积占房间面积", "R-SITE-04", "surroundings"),
    ("S05", "朝西的生活用房有遮阳", "R-SITE-05", "surroundings"),
    ("S06", "远离污染源和危险建筑设施", "R-SITE-06", "surroundings"),
    ("S07", "保健观察室面积和观察床", "R-HLT-01", "facilities"),
    ("S08", "专（兼）职保健员在岗", "R-HLT-02", "people"),
    ("S09", "室内空气检测合格", "R-HLT-03", "M06_AIR"),
    ("S10", "全员健康合格证在有效期", "R-HLT-04", "people"),
    ("S11", "卫生消毒、病儿隔离、传染病预防制度", "R-HLT-08", "facilities"),
    ("S12", "监控覆盖和录像保存", "R-SAFE-01", "facilities"),
    ("S13", "疏散门和疏散通道畅通", "R-FIRE-03", "surroundings"),
    ("S14", "班额和人员配比与备案一致", "R-RAT-01", "classes"),
)
PLACES = {key: place for key, _, _, place in SITE_ITEMS}
# What the institution said on each point, to be read beside what is seen: (section, field) of the submission.
CLAIMS: dict[str, tuple[tuple[str, str], ...]] = {
    "S01": (("basics", "service_address"), ("premises", "premises_tenure")),
    "S02": (("premises", "living_floors"),),
    "S03": (("premises", "living_floors"),),
    "S04": (("surroundings", "window_ratio"),),
    "S05": (("surroundings", "faces_west"), ("surroundings", "west_shading")),
    "S06": (("surroundings", "near_hazard"),),
    "S07": (("facilities", "health_room_area"), ("facilities", "observation_beds")),
    "S11": (("facilities", "hygiene_rules"),),
    "S12": (("facilities", "monitoring_coverage"), ("facilities", "recording_days")),
    "S13": (("surroundings", "evacuation_doors"),),
    "S14": (("classes", "capacity_total"),),
}
RESULTS = (("PASS", "符合"), ("FAIL", "不符合"), ("NA", "不适用"))


def site_items(today: date, former: Iterable[dict[str, Any]] = (), *, by: str = "") -> list[dict[str, Any]]:
    """A fresh checklist with the clauses in force today, every result open.

    Each point also carries what was found before, `former`: to be read beside it, never taken over. `by` names the
    officers who found it where no other record of the visit does.
    """
    seen = {item["id"]: _found_before(item, by) for item in former}
    return [
        {
            "id": key,
            "title": title,
            "rule_id": rule,
            "clause": rule_of(rule, today).clause,
            "result": "",
            "remark": "",
            **({"former": seen[key]} if seen.get(key) else {}),
        }
        for key, title, rule, _ in SITE_ITEMS
    ]


def _found_before(item: dict[str, Any], by: str) -> dict[str, str]:
    """What was recorded on a point; where nothing was, what already stood beside it."""
    if not item["result"] and not item["remark"]:
        return dict(item.get("former") or {})
    return {"result": item["result"], "remark": item["remark"], **({"by": by} if by else {})}
