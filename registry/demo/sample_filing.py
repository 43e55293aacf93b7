"""A filing that conforms, as its institution would enter it: for the demo city and the tests. All fictional."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from PIL import Image, ImageDraw

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_document

from ..choices import CERTIFICATE_BY_NATURE
from ..file_purposes import PERSON_PAPER
from ..filing.casefile import CaseFile
from ..filing.drafts import save_section
from ..filing.materials import add_page, set_details
from ..filing.pledge import sign_pledge
from ..models import Filing, Institution, Post
from ..people.services import add_credential, add_post, add_training
from ..rules.identity import make_id_number

ANSWERS: dict[str, dict[str, Any]] = {
    "basics": {
        "org_form": "STANDALONE",
        "is_inclusive_applied": "yes",
        "contact_name": "陈联系",
        "contact_phone": "13812345678",
        "public_phone": "0515-80001234",
        "opening_hours": "周一至周五 7:30–17:30",
    },
    "premises": {
        "premises_tenure": "LEASED",
        "lease_from": "2025-01-01",
        "lease_to": "2029-12-31",
        "floor_area": "620",
        "usable_area": "480",
        "living_area": "330",
        "living_floors": ["1"],
        "building_age": "6",
    },
    "surroundings": {
        "outdoor_kind": "OWN",
        "outdoor_area": "180",
        "window_ratio": "25",
        "faces_west": "no",
        "near_hazard": "no",
        "evacuation_doors": "yes",
    },
    "facilities": {
        "health_room_area": "8",
        "observation_beds": "1",
        "monitoring_coverage": "yes",
        "recording_days": "90",
        "one_key_alarm": "yes",
        "liability_insurance": "yes",
        "emergency_plans": "6",
        "hygiene_rules": "yes",
        "parent_committee": "yes",
    },
    "classes": {
        "service_modes": ["FULL_DAY", "HALF_DAY"],
        "capacity_total": "35",
        "classes": [
            {
                "class_name": "小苗班",
                "class_type": "TODDLER_S",
                "places": "15",
                "enrolled": "10",
                "youngest_months": "12",
                "oldest_months": "23",
                "sleep_area": "36",
                "activity_area": "38",
                "catering_area": "6",
                "cleaning_area": "6",
                "toilet_area": "8",
                "storage_area": "4",
            },
            {
                "class_name": "小树班",
                "class_type": "TODDLER_L",
                "places": "20",
                "enrolled": "14",
                "youngest_months": "24",
                "oldest_months": "35",
                "combined_area": "70",
            },
        ],
    },
    "fees": {
        "meal_mode": "CANTEEN",
        "food_samples": "yes",
        "fee_full_day": "1980",
        "fee_half_day": "1200",
        "fee_meal": "18",
        "prepaid_months": "3",
    },
}

# (name, role, education, years, papers, training hours)
PEOPLE: tuple[tuple[str, str, str, int, tuple[str, ...], int], ...] = (
    ("曹负责", "PRINCIPAL", "BACHELOR", 6, ("PRINCIPAL_TRAINING",), 64),
    ("高保育", "CARER", "COLLEGE", 4, ("CHILDCARE",), 120),
    ("蒋保育", "CARER", "COLLEGE", 3, ("CHILDCARE",), 120),
    ("沈保育", "CARER", "SENIOR", 5, ("CHILDCARE",), 120),
    ("韩保育", "CARER", "COLLEGE", 2, ("MAJOR",), 120),
    ("杨保育", "CARER", "COLLEGE", 2, ("CHILDCARE",), 120),
    ("朱保育", "CARER", "SENIOR", 2, ("CHILDCARE",), 120),
    ("秦保健", "HEALTH", "COLLEGE", 3, ("HEALTH_TRAINING",), 40),
    ("尤炊事", "COOK", "JUNIOR", 0, ("FOOD_HEALTH",), 8),
    ("许保安", "GUARD", "SENIOR", 0, ("GUARD_LICENCE", "GUARD_CONTRACT"), 8),
)
# (code, kind, issuer, needs a stated end, says a conclusion)
MATERIALS: tuple[tuple[str, str, str, int, bool], ...] = (
    ("M01_LICENSE", "BUSINESS_LICENCE", "盐城市亭湖区市场监督管理局", 0, False),
    ("M02_PREMISES", "LEASE", "出租方", 1500, False),
    ("M04_SANITATION", "SELF", "本机构自评", 0, True),
    ("M05_FIRE", "FIRE_ACCEPTANCE", "盐城市亭湖区住房和城乡建设局", 0, True),
    ("M06_AIR", "", "江苏某环境检测有限公司", 0, True),
    ("M07_FOOD", "", "盐城市亭湖区市场监督管理局", 1700, False),
    ("M08_INSURANCE", "", "某财产保险股份有限公司盐城分公司", 300, False),
)


def picture(number: int = 0) -> io.BytesIO:
    """A small photograph of nothing, different for each number, as an upload."""
    image = Image.new("L", (640, 860), 245)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 600, 820), outline=90, width=3)
    for line in range(12):
        draw.line((90, 180 + line * 42, 90 + 40 * ((number + line) % 12 + 1), 180 + line * 42), fill=90, width=4)
    upload = io.BytesIO()
    image.save(upload, "PNG")
    upload.seek(0)
    upload.name = f"材料{number}.png"
    return upload


def add_people(institution: Institution, *, actor: Any, today: date, serial: int = 0) -> list[Post]:
    """Ten people who may all work today."""
    posts = []
    scan = keep_document(
        picture(90), purpose=PERSON_PAPER, actor=actor, uscc=institution.uscc, region=institution.region
    )
    for number, (name, role, education, years, papers, hours) in enumerate(PEOPLE):
        data = {
            "name": name,
            "id_no": make_id_number("320902", date(1988, 1, 1 + number), (serial * 20 + number) % 999),
            "phone": "13900001234",
            "education": education,
            "experience_years": str(years),
            "no_mental_illness": "yes",
            "role": role,
            "full_time": "yes",
            "started_on": (today - timedelta(days=100)).isoformat(),
        }
        post = add_post(institution, data=data, actor=actor, today=today)
        issued = (today - timedelta(days=60)).isoformat()
        for kind in ("HEALTH", "CRIMINAL_CHECK", *papers):
            details = {"kind": kind, "number": f"演示{number:03d}", "issuer": "演示出具单位", "issued_on": issued}
            details |= {"record_found": "no"} if kind == "CRIMINAL_CHECK" else {}
            add_credential(
                post, data=details, actor=actor, file=None if kind == "CRIMINAL_CHECK" else scan, today=today
            )
        training = {
            "topic": "岗前培训",
            "provider": "盐城市托育综合服务中心",
            "hours": str(hours),
            "finished_on": issued,
        }
        add_training(post, data=training, actor=actor, today=today)
        posts.append(post)
    return posts


def add_materials(filing: Filing, *, actor: Any, today: date) -> None:
    """Every material a filing with a canteen needs."""
    for number, (code, kind, issuer, days, concludes) in enumerate(MATERIALS):
        if filing.materials.current().filter(code=code).exists():
            continue
        add_page(filing, code, uploaded=picture(number), actor=actor)
        if code == "M01_LICENSE":
            kind, issuer = licence_of(filing.institution)
        details = {
            "kind": kind,
            "number": f"演示〔2026〕{number + 1:03d}号",
            "issuer": issuer,
            "issued_on": (today - timedelta(days=90)).isoformat(),
            "valid_to": (today + timedelta(days=days)).isoformat() if days else "",
            "conclusion_ok": "yes" if concludes else "",
        }
        set_details(filing, code, details=details, actor=actor, today=today)


def licence_of(institution: Institution) -> tuple[str, str]:
    """Kind and issuer of the certificate an institution of this nature has."""
    kind = CERTIFICATE_BY_NATURE[institution.nature]
    office = {"NON_ENTERPRISE": "民政局", "PUBLIC_INSTITUTION": "机构编制委员会办公室"}.get(kind, "市场监督管理局")
    return str(kind), f"盐城市{institution.region.name}{office}"


def fill_filing(filing: Filing, *, actor: Any, today: date, serial: int = 0, **replace: dict[str, Any]) -> Filing:
    """Answer every section, add people and materials and sign; `replace` overrides answers by section."""
    for name, answers in ANSWERS.items():
        row = filing.sections.filter(name=name).first()
        given = {**(row.data if row else {}), **answers, **replace.get(name, {})}
        save_section(filing, name, answers=given, expected_version=row.version if row else 0, actor=actor)
    signer = filing.institution.legal_rep_name
    if not filing.institution.posts.current().exists():
        add_people(filing.institution, actor=actor, today=today, serial=serial)
        signer = PEOPLE[0][0]
    add_materials(filing, actor=actor, today=today)
    sign(filing, actor=actor, today=today, name=signer)
    return filing


def sign(filing: Filing, *, actor: Any, name: str = PEOPLE[0][0], today: date | None = None) -> None:
    """The principal signs; whatever does not conform is explained."""
    case = CaseFile(filing, today or today_here())
    words = {finding.id: "已列入整改计划，一个月内改好。" for finding in case.exceptions}
    sign_pledge(filing, name=name, agreed=True, actor=actor, explained=words, today=case.today)
