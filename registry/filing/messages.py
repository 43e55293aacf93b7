"""Who is told what when a filing moves: the institution, the reviewers of the area, the chief."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.urls import reverse

from casework.types import Step
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event, User
from yancheng_childcare.notifications import holders, notify, settle
from yancheng_childcare.workdays import by_day, in_words

from ..models import Filing, SiteCheck
from . import clocks, visits

LETTER = "filing:letter"
# The clocks by which the authority works.
AUTHORITY = (clocks.RECEIPT, clocks.NONCONFORM, clocks.CHANGE_REVIEW)

# What the institution reads, by step; steps not named are its own doing and lead to nothing it must know. Each says the one day that matters and leads
# to the place: {due} its own last day, {theirs} the authority's, {planned} and {officers} of the visit.
TO_INSTITUTION = {
    "return": ("需要补正备案材料", "请{due}按一次性告知书逐项补正并重新提交，其他内容不用重填。"),
    "return_again": ("需要再次补正备案材料", "请{due}逐项补正并重新提交。告知书写明了首次没有告知的原因。"),
    "return_change": ("需要补正变更材料", "请{due}按告知书逐项补正后重新提交。"),
    "lapse": ("补正期已过，备案退回草稿", "补正期已于{lapsed}届满。填写的内容都还在，修改后可以重新提交。"),
    "reject": ("备案不予收件", "理由、应当办理的机关和救济途径见{letter}。"),
    "receipt": ("备案回执已出具", "回执编号 {receipt}。请下载回执和基本条件告知书并按告知书自查，随后会安排现场核实。"),
    "verify": ("将进行现场核实", "{officers}计划于{planned}到{address}现场核实，会出示证件，请准备好材料原件。"),
    "reassign": ("现场核实有调整", "改由{officers}于{planned}到{address}现场核实，会出示证件，请准备好材料原件。"),
    "rectify": (
        "整改已提交，将再次现场核实",
        "{officers}计划于{planned}到{address}核实整改情况，会出示证件，请准备好材料原件。",
    ),
    "confirm": ("现场核实符合，备案完成", "备案信息已在公开页面更新。"),
    "nonconform": ("备案内容不符合标准规范", "请{due}按告知书逐条整改并提交复核。理由摘要已向社会公开。"),
    "approve_change": ("变更备案已办结", "已换发回执 {receipt}，旧回执不再有效。"),
    "refuse_change": ("变更申请未获同意", "原备案继续有效。理由、依据和救济途径见{letter}。"),
    "begin_suspension": (
        "今天起停业",
        "停业期间不得收托婴幼儿，公开页面已显示停业。恢复服务前，请先在这里办理恢复。",
    ),
    "cancel": ("备案已注销", "备案已于{ended}注销，公开页面已更新。"),
    "follow": ("备案已随登记终止注销", "登记已经终止，备案于{ended}一并注销。如有疑问请联系登记机关。"),
    "rescind": ("备案已撤销", "备案已于{ended}撤销。理由、依据和救济途径见{letter}。"),
    "pause": ("办理时限已暂停", "暂停的事由：{pause}。恢复后继续计时。"),
    "resume": ("办理时限已恢复计时", "备案机关应{theirs}办结。"),
}
# Where a message leads when it is not the case itself. A letter that decides says how to object.
PLACES = {
    "return": "filing:corrections", "return_again": "filing:corrections", "return_change": "filing:corrections",
    "nonconform": "filing:corrections", "receipt": "filing:receipt", "approve_change": "filing:receipt",
    "reject": LETTER, "refuse_change": LETTER, "rescind": LETTER,
}  # fmt: skip
# What reviewers read, by step; nothing is due of them for a step of `FOR_INFORMATION`.
TO_REVIEWERS = {
    "submit": "收到新的备案申请",
    "resubmit": "补正已提交",
    "rectify": "整改已提交，请复核",
    "submit_change": "收到变更备案申请",
    "request_closure": "机构申请终止服务",
    "withdraw_closure": "机构撤回终止服务申请",
    "suspend": "机构提交停业安排",
    "withdraw_suspension": "机构撤回停业安排",
    "update_info": "机构更新了收费或联系方式",
}
TO_CHIEF = {
    "propose_return": "有再次告知待签批",
    "propose_reject": "有不予收件待签批",
    "propose_nonconform": "有不符合告知待签批",
    "propose_refusal": "有不予变更待签批",
    "legal_review": "撤销备案已完成法制审核",
}


FOR_INFORMATION = frozenset({"suspend", "withdraw_suspension", "withdraw_closure", "update_info"})
STAFF = (Role.REVIEWER, Role.CHIEF, Role.LEGAL, Role.INSPECTOR)


def tell(filing: Filing, step: Step, actor: Any) -> None:
    """Leave the messages of one step, and take what it settles for read; called once the step is committed."""
    institution, name = filing.institution, step.name
    prefix = institution.region.prefix
    operators = holders(Role.OPERATOR, uscc=institution.uscc)
    _settle(filing, operators, by_institution=Role.OPERATOR in step.by)
    if words := TO_INSTITUTION.get(name):
        title, body = words
        facts, place = _Facts(filing), PLACES.get(name, "filing:case")
        args = [filing.no, facts.notice.pk] if place == LETTER else [filing.no]
        notify(
            operators,
            title=title,
            body=f"{institution.name}（{filing.no}）：{body.format_map(facts)}",
            url=reverse(place, args=args),
        )
    if title := TO_REVIEWERS.get(name, ""):
        ends = _Facts(filing)["closed"] if name == "request_closure" else ""
        _staff(reviewers_of(filing), filing, title, "请知悉" if name in FOR_INFORMATION else ends)
    if title := TO_CHIEF.get(name, ""):
        _staff(holders(Role.CHIEF, region_prefix=prefix), filing, title)
    if name == "propose_rescind":
        _staff(holders(Role.LEGAL, region_prefix=prefix), filing, "有撤销备案待法制审核")
    if name == "refuse_proposal":
        _proposer(filing)
    if name in {"verify", "rectify"}:
        _sent(filing)
    if name == "reassign":
        _sent_instead(filing)


def reviewers_of(filing: Filing) -> list[Any]:
    """Who has the case; where nobody has it, every reviewer of the area."""
    if filing.assigned_to is not None:
        return [filing.assigned_to]
    return list(holders(Role.REVIEWER, region_prefix=filing.institution.region.prefix))


def _settle(filing: Filing, operators: Any, *, by_institution: bool) -> None:
    """Whoever acted, or had a colleague act, has nothing left to read about the case as it was before."""
    if by_institution:
        settle(operators, reverse("filing:case", args=[filing.no]))
        return
    staff = holders(*STAFF, region_prefix=filing.institution.region.prefix)
    checks = [_visit(check) for check in filing.site_checks.exclude(concluded_on=None)]
    settle(staff, reverse("filing:review", args=[filing.no]), *checks)


class _Facts(dict[str, str]):
    """What the sentences name; each is asked only when a sentence needs it."""

    def __init__(self, filing: Filing):
        super().__init__()
        self.filing = filing
        self.today = today_here()

    @cached_property
    def notice(self) -> Any:
        """The last letter of the case."""
        return self.filing.notices.order_by("-id").first()

    @cached_property
    def check(self) -> Any:
        """The last visit of the case, planned or done."""
        return self.filing.site_checks.order_by("-id").prefetch_related("officers").first()

    def __missing__(self, key: str) -> str:
        return str(getattr(self, f"_{key}")())

    def _due(self) -> str:
        return self._by(clocks.SUPPLEMENT, clocks.RECTIFY)

    def _theirs(self) -> str:
        return self._by(*AUTHORITY)

    def _closed(self) -> str:
        return f"请{self._by(clocks.CLOSURE)}核对并注销备案"

    def _by(self, *codes: str) -> str:
        clock = Deadline.objects.running().of(self.filing.subject).filter(code__in=codes).order_by("due_on").first()
        return f"于{by_day(clock.due_on, self.today)}" if clock else "及时"

    def _lapsed(self) -> str:
        due_on = self.notice.due_on if self.notice else None
        return in_words(due_on, self.today) if due_on else "日前"

    def _letter(self) -> str:
        return f"《{self.notice.title}》（{self.notice.number}）"

    def _ended(self) -> str:
        return in_words(self.filing.ended_on or self.today, self.today)

    def _receipt(self) -> str:
        return self.filing.receipt_no

    def _pause(self) -> str:
        return self.filing.pause_reason

    def _planned(self) -> str:
        return in_words(self.check.planned_on, self.today) if self.check else "近日"

    def _officers(self) -> str:
        return visits.names_of(self.check.officers.all()) if self.check else "核实人员"

    def _address(self) -> str:
        return self.filing.service_address


def _sent(filing: Filing) -> None:
    """Who goes reads where and when, and with whom."""
    facts = _Facts(filing)
    if facts.check is not None:
        _visitors(facts, facts.check.officers.all(), "有现场核实任务")


def _sent_instead(filing: Filing) -> None:
    """Who goes now has a task, who goes on reads what changed, who was taken off that there is nothing left to do."""
    facts, act = _Facts(filing), Event.objects.of(filing.subject).filter(action="filing.reassign").first()
    if facts.check is None or act is None:
        return
    going, put_on = list(facts.check.officers.all()), set(act.data["decided_on"]["put_on"])
    taken_off = list(User.objects.filter(pk__in=act.data["decided_on"]["taken_off"]))
    settle([*going, *taken_off], _visit(facts.check))
    _visitors(facts, [officer for officer in going if officer.pk in put_on], "有现场核实任务")
    _visitors(facts, [officer for officer in going if officer.pk not in put_on], "现场核实有调整")
    words = f"{filing.institution.name}（{filing.no}）的现场核实已改由{facts['officers']}承担，您不用到场。"
    notify(taken_off, title="现场核实已改派他人", body=words)


def _visit(check: SiteCheck) -> str:
    return reverse("filing:site-check", args=[check.pk])


def _visitors(facts: _Facts, officers: Iterable[User], title: str) -> None:
    filing = facts.filing
    notify(
        officers,
        title=title,
        body=f"{filing.institution.name}（{filing.no}），{facts['address']}：由{facts['officers']}于{facts['planned']}到场核实。",
        url=_visit(facts.check),
    )


def _proposer(filing: Filing) -> None:
    """Who proposed it reads that it is void and why: the case is theirs again."""
    proposal = filing.proposals.filter(outcome="REFUSED").select_related("proposed_by").order_by("-decided_at").first()
    act = Event.objects.of(filing.subject).filter(action="filing.refuse_proposal").first()
    if proposal is not None and act is not None:
        reason = str(act.data["reason"]).rstrip("。")
        _staff([proposal.proposed_by], filing, "负责人不同意您的提议", f"理由：{reason}。提议已作废，请重新办理")


def _staff(users: Any, filing: Filing, title: str, words: str = "") -> None:
    words = words or f"请{_Facts(filing)['theirs']}办理"
    notify(
        users,
        title=title,
        body=f"{filing.institution.name}（{filing.no}），{words}。",
        url=reverse("filing:review", args=[filing.no]),
    )
