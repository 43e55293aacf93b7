"""Filings in every state, each reached by its real steps: what the demo accounts find on their desks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import F, Q

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User
from yancheng_childcare.workdays import is_workday

from ..filing import review
from ..filing.drafts import save_section, start_filing
from ..filing.services import assign, record_site_check, reply_to, take_step
from ..models import Filing, Institution
from .accounts import OWN_INSTITUTIONS, SINCE
from .sample_filing import ANSWERS, add_people, fill_filing, sign

STAFF = (
    ("demo_operator", "演示经办人", ""),
    ("demo_reviewer", "演示受理岗", Role.REVIEWER),
    ("demo_reviewer2", "演示复核岗", Role.REVIEWER),
    ("demo_chief", "演示负责人", Role.CHIEF),
)
# Whose rules are those of an ordinary institution: what the sample answers meet.
NATURES = ("FORPROFIT", "FORPROFIT_IND", "NONPROFIT", "PUBLIC")
WRONG = {
    "premises": ("租赁合同缺最后一页，看不到双方签章", "托育机构设置标准（试行）第11条", "请补传合同全部页面"),
    "M05_FIRE": ("消防验收意见的印章看不清", "国卫办人口发〔2019〕25号 第8条", "请重新拍照或扫描"),
    "fees": ("没有填写一次最多预收几个月", "托育机构管理规范（试行）第15条", "请按收费公示填写"),
}
REASONS = [
    {
        "item": "facilities",
        "title": "设施与管理制度",
        "finding": "保健观察室现场实测 4.5 平方米，填报 8 平方米",
        "clause": "托幼机构卫生评价基本标准（试行）：保健观察室不小于 6 平方米",
        "how_to_fix": "调整房间用途或扩大面积后申请复核",
        "where": "设施与管理制度",
        "rule_id": "R-HLT-01",
    }
]


class Showcase:
    """Plays filings with the demo accounts; hidden accounts act where the demo has none."""

    def __init__(self, users: dict[str, User], today: date):
        self.users, self.today, self.serial = users, today, 0
        self.hidden = {name: self._hidden(name, label) for name, label, _ in STAFF}
        city = Duty.objects.filter(user=users["health_city"]).select_related("region").get().region
        for name, _, role in STAFF:
            if role:
                self._duty(self.hidden[name], role, region=city)
        self._forget()

    def play(self) -> int:
        """Every case, once; returns how many were made."""
        if Filing.objects.filter(created_by=self.hidden["demo_operator"]).exists():
            return 0
        made = 0
        own = Institution.objects.get(uscc=OWN_INSTITUTIONS["operator_xiaotaiyang"])
        made += self._once(own, self._draft, users="tinghu")
        filed = Institution.objects.get(uscc=OWN_INSTITUTIONS["operator_yangguang"])
        made += self._once(filed, self._filed, users="hidden")
        plays: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("320902", self._correction),
            ("320902", self._receipted),
            ("320902", self._verifying),
            ("320902", self._nonconforming),
            ("320902", self._change),
            ("320902", self._suspended),
            ("320902", lambda case, who: self._submitted(case, who, days=7)),
            ("320902", self._paused),
            ("320902", self._corrected),
            ("320902", lambda case, who: self._submitted(case, who, days=4)),
            ("320902", lambda case, who: self._submitted(case, who, days=0)),
            ("320981", lambda case, who: self._submitted(case, who, days=2)),
            ("320904", self._filed),
        )
        for region, play in plays:
            institution = (
                Institution.objects.active()
                .filter(Q(valid_to=None) | Q(valid_to__gte=self.today), region=region, nature__in=NATURES, filings=None)
                .exclude(uscc__in=OWN_INSTITUTIONS.values())
                .order_by(F("filed_on").asc(nulls_first=True), "approved_on", "id")
                .first()
            )
            if institution is not None:
                made += self._once(institution, play, users="tinghu" if region == "320902" else "hidden")
        return made

    # --- the people

    def _hidden(self, name: str, label: str) -> User:
        defaults = {"display_name": label, "is_active": False, "password": make_password(None)}
        return User.objects.update_or_create(username=name, defaults=defaults)[0]

    def _duty(self, user: User, role: str, **place: Any) -> None:
        granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
        Duty.objects.update_or_create(
            user=user,
            role=role,
            **place,
            defaults={"valid_from": SINCE, "granted_by": granter, "approved_by": approver},
        )

    def _forget(self) -> None:
        """Duties are kept on the user once read: read them anew."""
        self.hidden = {name: User.objects.get(pk=user.pk) for name, user in self.hidden.items()}

    def _operator(self, institution: Institution) -> User:
        for name, code in OWN_INSTITUTIONS.items():
            if code == institution.uscc:
                return self.users[name]
        self._duty(self.hidden["demo_operator"], Role.OPERATOR, uscc=institution.uscc)
        self._forget()
        return self.hidden["demo_operator"]

    def _once(self, institution: Institution, play: Callable[..., Any], *, users: str) -> int:
        # Somebody may have begun with a demo account before its case was played.
        if institution.status != "ACTIVE" or institution.filings.exists():
            return 0
        self.serial += 1
        if users == "tinghu":
            who = {
                "first": self.users["reviewer_tinghu"],
                "second": self.users["reviewer_tinghu2"],
                "chief": self.users["chief_tinghu"],
                "officers": [self.users["inspector_tinghu1"], self.users["inspector_tinghu2"]],
            }
        else:
            who = {
                "first": self.hidden["demo_reviewer"],
                "second": self.hidden["demo_reviewer2"],
                "chief": self.hidden["demo_chief"],
                "officers": [self.hidden["demo_reviewer"], self.hidden["demo_reviewer2"]],
            }
        who["operator"] = self._operator(institution)
        case = start_filing(institution, actor=who["operator"], today=self.today)
        play(case, who)
        return 1

    # --- the plays

    def _draft(self, case: Filing, who: dict[str, Any]) -> None:
        """Half done, with one rule that blocks: a lease of two years."""
        for name in ("basics", "premises", "surroundings"):
            row = case.sections.filter(name=name).first()
            answers = {**(row.data if row else {}), **ANSWERS[name]}
            if name == "premises":
                answers["lease_to"] = "2026-12-31"
            save_section(case, name, answers=answers, expected_version=row.version if row else 0, actor=who["operator"])
        add_people(case.institution, actor=who["operator"], today=self.today, serial=self.serial)

    def _ready(self, case: Filing, who: dict[str, Any]) -> Filing:
        return fill_filing(case, actor=who["operator"], today=self.today, serial=self.serial)

    def _submitted(self, case: Filing, who: dict[str, Any], *, days: int = 0) -> Filing:
        self._ready(case, who)
        return take_step(case, "submit", actor=who["operator"], received_on=self._workdays_ago(days))

    def _workdays_ago(self, days: int) -> date:
        day = self.today
        while days:
            day -= timedelta(days=1)
            days -= is_workday(day)
        return day

    def _judge(self, case: Filing, who: dict[str, Any], wrong: dict[str, tuple[str, str, str]] | None = None) -> None:
        for item in review.items_of(review.last_version(case)):
            reason, clause, fix = (wrong or {}).get(item, ("", "", ""))
            verdict = "SUPPLEMENT" if reason else "CONFORMS"
            review.give_verdict(
                case, item, verdict=verdict, reason=reason, clause=clause, how_to_fix=fix, actor=who["first"]
            )

    def _paused(self, case: Filing, who: dict[str, Any]) -> None:
        case = self._submitted(case, who, days=3)
        assign(case, to=who["first"], actor=who["first"])
        take_step(case, "pause", actor=who["first"], cause="OTHER_AUTHORITY")

    def _correction(self, case: Filing, who: dict[str, Any]) -> Filing:
        case = self._submitted(case, who, days=1)
        assign(case, to=who["first"], actor=who["first"])
        self._judge(case, who, WRONG)
        return take_step(case, "return", actor=who["first"])

    def _corrected(self, case: Filing, who: dict[str, Any]) -> None:
        case = self._correction(case, who)
        notice = case.notices.get()
        for item in notice.items:
            reply_to(notice, item["item"], text="已按告知书补正，请审核。", actor=who["operator"])
        sign(case, actor=who["operator"])
        take_step(case, "resubmit", actor=who["operator"])

    def _receipted(self, case: Filing, who: dict[str, Any]) -> Filing:
        case = self._submitted(case, who, days=1)
        self._judge(case, who)
        return take_step(case, "receipt", actor=who["first"])

    def _verifying(self, case: Filing, who: dict[str, Any]) -> Filing:
        case = self._receipted(case, who)
        return take_step(case, "verify", actor=who["second"], officers=who["officers"], planned_on=self.today)

    def _on_site(self, case: Filing, who: dict[str, Any], fails: str = "") -> None:
        check = case.site_checks.get(concluded_on=None)
        results = {
            item["id"]: {
                "result": "FAIL" if item["id"] == fails else "PASS",
                "remark": "现场实测 4.5 平方米" if item["id"] == fails else "",
            }
            for item in check.items
        }
        record_site_check(
            check,
            results=results,
            summary="已逐项核实。",
            conclude=True,
            actor=who["officers"][0],
            expected_version=check.record_version,
        )

    def _filed(self, case: Filing, who: dict[str, Any]) -> Filing:
        case = self._verifying(case, who)
        self._on_site(case, who)
        return take_step(case, "confirm", actor=who["second"])

    def _nonconforming(self, case: Filing, who: dict[str, Any]) -> None:
        case = self._verifying(case, who)
        self._on_site(case, who, fails="S07")
        take_step(case, "propose_nonconform", actor=who["second"], reason="现场与填报不一致", items=REASONS)
        take_step(case, "nonconform", actor=who["chief"])

    def _change(self, case: Filing, who: dict[str, Any]) -> None:
        case = take_step(self._filed(case, who), "start_change", actor=who["operator"])
        row = case.sections.get(name="fees")
        save_section(
            case,
            "fees",
            answers={**row.data, "fee_full_day": "2080"},
            expected_version=row.version,
            actor=who["operator"],
        )
        sign(case, actor=who["operator"])
        take_step(case, "submit_change", actor=who["operator"], received_on=self._workdays_ago(2))

    def _suspended(self, case: Filing, who: dict[str, Any]) -> None:
        plan = {
            "final": False,
            "reason": "室内装修",
            "from_day": self.today,
            "until_day": self.today + timedelta(days=60),
            "parents_told_on": self.today - timedelta(days=15),
            "children": 24,
            "children_placed": 24,
            "placement": "本区三家机构临时接收",
            "staff_settled": True,
            "refunds_settled": True,
            "refund_contact": "0515-80000000",
        }
        take_step(self._filed(case, who), "suspend", actor=who["operator"], reason="室内装修", plan=plan)
