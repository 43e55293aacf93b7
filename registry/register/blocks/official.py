"""What authorities say: standing, safety gates, visits, registration, and whom to ask."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from yancheng_childcare.places import place_name

from ...choices import CapitalKind, MealMode, PublicStatus, RegistrationStatus
from ...registration.forms import shown_value
from ...rules.filing.materials import spec_of
from ..sources import Sources, Visit
from ..wording import LEGAL_REP, not_connected, public_address
from . import OFFICIAL, Block, set_builder

# The gates parents ask for first, by the material that proves each (国卫办人口发〔2019〕25号 第8条; domain.md §4).
GATES = (("M05_FIRE", "消防"), ("M04_SANITATION", "卫生评价"), ("M06_AIR", "室内空气"), ("M07_FOOD", "食品经营许可"))


# The rule a visit looks at, by the material it speaks of.
GATE_RULES = {"M06_AIR": "R-HLT-03"}


def iso(day: date | None) -> str | None:
    """A day as JSON."""
    return day.isoformat() if day else None


def authority_of(sources: Sources) -> str:
    """Who speaks of the filing: the filing authority, else the county's health department."""
    if sources.filing is not None:
        return str(sources.filing.authority.name)
    return f"{place_name(sources.institution.region_id)}卫生健康部门"


def registrar_of(sources: Sources) -> str:
    """Who speaks of the registration."""
    return f"{sources.institution.registry_org.name}（登记机关）"


def standing(sources: Sources) -> Block:
    """Registered, filed, since when, under which number; why not, where that was published."""
    institution, filing, reasons = sources.institution, sources.filing, sources.reasons
    registered_only = sources.status in {PublicStatus.UNFILED, PublicStatus.ENDED}
    facts: dict[str, Any] = {
        "status": sources.status,
        "registered_with": institution.registry_org.name,
        "registration": institution.status,
        "registration_text": str(RegistrationStatus(institution.status).label),
        "filed_on": iso(institution.filed_on),
        "receipt_no": filing.receipt_no if filing else "",
        "receipt_on": iso(sources.receipted_on),
        "national_filing_no": institution.national_filing_no,
        "authority": authority_of(sources),
        "suspended_until": iso(filing.suspended_until) if filing and filing.status == "SUSPENDED" else None,
        "ended_on": iso(institution.terminated_on or (filing.ended_on if filing else None)),
        "reasons": [],
    }
    if reasons is not None:
        facts["reasons"] = [
            {name: item.get(name, "") for name in ("title", "finding", "clause")} for item in reasons.items
        ]
        facts["rectify_by"] = iso(reasons.due_on)
    source = registrar_of(sources) if registered_only else f"{authority_of(sources)}（备案机关）"
    days = [institution.filed_on, institution.terminated_on, filing.ended_on if filing else None]
    if reasons is not None:
        days.append(reasons.on)
    last = max((day for day in days if day), default=institution.approved_on)
    return Block(OFFICIAL, source, last, facts)


def safety(sources: Sources) -> Block:
    """The gates with the papers that prove them, as the filing authority accepted them; dates, no verdict on today."""
    if sources.accepted is None or sources.filing is None:
        words = not_connected(sources.status, "消防、卫生评价等材料明细")
        return Block(OFFICIAL, authority_of(sources), None, {"gates": []}, words)
    held, meals = sources.materials, sources.answers("fees").get("meal_mode")
    gates = []
    for code, name in GATES:
        if code == "M07_FOOD" and meals == MealMode.OUTSOURCED:
            # Meals are bought in: the contract with the supplier and its licence stand for one of its own (食品安全法).
            code, name = "M09_CATERING", "外购配餐"
        paper = held.get(code)
        refuted = code in sources.found.items or GATE_RULES.get(code, "") in sources.found.rules
        if code == "M07_FOOD" and meals == MealMode.NONE:
            gates.append(
                {"name": name, "state": "NOT_APPLICABLE", "paper": "不供餐", "issued_on": None, "valid_to": None}
            )
        elif paper is None:
            gates.append({"name": name, "state": "MISSING", "paper": "", "issued_on": None, "valid_to": None})
        else:
            gates.append(
                {
                    "name": name,
                    "state": "REFUTED" if refuted else "HELD",
                    "paper": spec_of(code).name,
                    "issued_on": paper["issued_on"] or None,
                    "valid_to": paper["valid_to"] or None,
                }
            )
    return Block(OFFICIAL, authority_of(sources), sources.accepted.received_on, {"gates": gates})


def inspections(sources: Sources) -> Block:
    """What was seen on site: so far the concluded verifications of the filing; never what is not in force.

    What did not conform stays when it was put right (B13): the line then says so.
    """
    visits: list[dict[str, Any]] = []
    checks, told = sources.checks[:20], _told(sources)
    for number, check in enumerate(checks):
        if check.conforms:
            result = "符合"
        elif check not in told:
            continue  # before the notice is served nothing is public (B14)
        elif any(later.conforms for later in checks[:number]):
            result = "有不符合项，已整改，复核符合"
        else:
            result = "有不符合项，见上面的不符合告知" if sources.reasons else "有不符合项，整改情况等待复核"
        visits.append({"on": iso(check.on), "kind": "备案现场核实", "result": result})
    last = date.fromisoformat(visits[0]["on"]) if visits and visits[0]["on"] else None
    words = "" if visits else "还没有现场核实的记录。"
    return Block(OFFICIAL, authority_of(sources), last, {"visits": visits}, words)


def _told(sources: Sources) -> list[Visit]:
    """Which failed visits a published notice has told of: one notice tells of one visit, the oldest of the oldest."""
    failed = [check for check in reversed(sources.checks) if not check.conforms]
    told = reversed(sources.notices)
    return [check for check, notice in zip(failed, told, strict=False) if check.on <= notice.on]


NO_RESULTS = (
    "还没有公开的检查结果。检查结果在形成之日起 20 个工作日内公开，展示 3 年，更早的可以依申请公开；"
    "没有公开的结果，可能是还没有检查或者还没到公开的时候，不等于检查过没有问题。"
)


def supervision(sources: Sources) -> Block:
    """Published results of inspections, each body's own field, with what became of each finding (domain-2.md B2.7)."""
    shown = sources.results
    if not shown:
        return Block(OFFICIAL, authority_of(sources), None, {"results": []}, NO_RESULTS)
    bodies = "、".join(dict.fromkeys(one["body"] for one in shown))
    return Block(OFFICIAL, bodies, date.fromisoformat(shown[0]["published_on"]), {"results": shown})


def registration(sources: Sources) -> Block:
    """The facts of the registration that are public (domain.md §1.2); no phone, no numbers of persons."""
    found, capital = sources.institution, CapitalKind(sources.institution.capital_kind)
    rows = {
        "曾用名": "、".join(found.former_names),
        "机构性质": shown_value("nature", found.nature),
        "住所": public_address(found, form=sources.form),
        LEGAL_REP: found.legal_rep_name,
        str(capital.label): f"{shown_value('registered_capital', found.registered_capital)} 万元",
        "业务（经营）范围": found.business_scope,
        "宗旨": found.purpose,
        "业务主管单位": found.supervising_unit,
        "成立日期": found.established_on.isoformat(),
        "核准日期": found.approved_on.isoformat(),
        "证照有效期": f"{found.valid_from} 至 {found.valid_to or '长期'}",
        "登记机关": found.registry_org.name,
        "登记状态": RegistrationStatus(found.status).label,
        "终止日期": iso(found.terminated_on) or "",
    }
    facts = {"rows": [{"label": label, "value": str(value)} for label, value in rows.items() if value]}
    return Block(OFFICIAL, registrar_of(sources), found.terminated_on or found.approved_on, facts)


def contact(sources: Sources) -> Block:
    """Whom to ask: the filing authority and where the place is; never a private number."""
    filing = sources.filing
    facts = {
        "address": sources.address,
        "authority": authority_of(sources),
        "principal": filing.principal_name if filing else "",
        "hotline": settings.CONTACT["hotline"],
    }
    if filing is None and not sources.institution.filed_on:
        return Block(OFFICIAL, registrar_of(sources), sources.institution.approved_on, facts)
    return Block(OFFICIAL, authority_of(sources), sources.institution.filed_on, facts)


for _name, _builder in (
    ("standing", standing), ("safety", safety), ("inspections", inspections),
    ("supervision", supervision),
    ("registration", registration), ("contact", contact),
):  # fmt: skip
    set_builder(_name, _builder)
