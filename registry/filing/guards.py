"""What must hold before a filing moves: each guard looks at the locked case and says everything that is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from casework.types import Guard
from yancheng_childcare.choices import Role
from yancheng_childcare.problems import Problem

from ..choices import PauseReason
from ..codes import filing as codes
from ..models import Filing, NoticeReply, Post, Proposal
from ..rules.filing.sections import BY_NAME
from . import clocks, review
from .casefile import CaseFile
from .snapshots import differences, snapshot

LONGEST_REASON = 500


def registration_active(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Only a registered institution in being can be filed (国卫办人口发〔2019〕25号 第7条)."""
    institution = filing.institution
    if institution.status != "ACTIVE":
        words = f"机构登记已{institution.get_status_display()}，不能备案。"
        yield Problem(codes.REGISTRATION_ENDED, "", words)


def ready_to_submit(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Every section answered, every needed material there, no blocking rule, the pledge signed (domain.md §2.5)."""
    case = CaseFile(filing, data["today"])
    data["case"] = case
    for name, (_, wrong) in case.read.items():
        for problem in wrong:
            yield Problem(problem.code, name, f"{BY_NAME[name].title}：{problem.message}")
    for spec in case.missing:
        yield Problem(codes.MATERIAL_MISSING, "materials", f"缺少材料：{spec.name}。请上传后再提交。")
    for finding in case.stops:
        problem = finding.as_problem()
        yield replace(problem, message=problem.message + case.names_behind(finding))
    if not case.staff:
        yield Problem(codes.SECTION_INCOMPLETE, "people", "还没有登记人员。请在“人员”一步添加。")
    if not case.signed():
        words = "承诺书没有签署，或签署后内容、检查结果又有变化。请核对后签署承诺书。"
        yield Problem(codes.PLEDGE_UNSIGNED, "pledge", words)


def replies_given(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Every item of the last letter has an answer."""
    replies = NoticeReply.objects.filter(notice=OuterRef("pk")).exclude(text="")
    notice = review.to_answer(filing).annotate(answered=ArraySubquery(replies.values("item"))).first()
    last = review.last_version(filing)
    data["last"] = last
    if notice is None or notice.submission < last.number:
        return
    for item in notice.items:
        if item["item"] not in notice.answered:
            words = f"“{item['title']}”还没有答复。请写明怎么改的，再提交。"
            yield Problem(codes.REPLIES_MISSING, f"reply-{item['item']}", words)


def first_notice(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Told once: a second notice goes the way of a proposal with a recorded cause (product.md B2)."""
    if review.corrections_sent(filing):
        words = "这件备案已经一次性告知过。再次告知须写明首次未告知的原因，提请负责人签批。"
        yield Problem(codes.SECOND_NOTICE, "", words)


def something_to_correct(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The letter is written by the verdicts: at least one says so, and every item has been looked at."""
    version = review.last_version(filing)
    verdicts = review.verdicts_of(filing, version.number)
    data["version"], data["items"] = version, review.correction_items(verdicts.values())
    if not data["items"]:
        yield Problem(codes.NOTHING_TO_CORRECT, "", "没有任何一项的结论是“需补正”或“不符合”，不能发出告知书。")
    for item in review.items_of(version):
        if item not in verdicts:
            words = f"“{review.title_of(item)}”还没有审查结论。一次性告知要求全部看完再发。"
            yield Problem(codes.ITEM_OPEN, item, words)


def all_items_pass(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Nothing open: every item conforms or does not apply (product.md C4)."""
    version = review.last_version(filing)
    data["version"] = version
    for item in review.open_items(version, review.verdicts_of(filing, version.number)):
        yield Problem(codes.ITEM_OPEN, item, f"“{review.title_of(item)}”还没有通过审查，不能办结。")


def still_complete(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Checked again at the decision, on today's facts: materials there, no blocking rule, nobody banned."""
    case = CaseFile(filing, data["today"])
    data["case"] = case
    for spec in case.missing:
        yield Problem(codes.MATERIAL_MISSING, "materials", f"缺少材料：{spec.name}，不能出具回执。")
    for finding in case.stops:
        yield finding.as_problem()


def not_paused(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """While the clock stands still nothing is decided: resume it first."""
    if filing.pause_reason:
        words = f"办理时限已暂停（{filing.pause_reason}）。请先恢复计时，再办理。"
        yield Problem(codes.PAUSED, "", words)


def reason_given(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A decision somebody may dislike says why."""
    reason = str(data.get("reason") or "").strip()
    if len(reason) < 4:
        yield Problem(codes.REASON_REQUIRED, "reason", "请写明理由，不少于 4 个字，理由会随案留存。")
    elif len(reason) > LONGEST_REASON:
        yield Problem(codes.REASON_REQUIRED, "reason", f"理由不能超过 {LONGEST_REASON} 字。")


def basis_given(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A decision against an institution names the document and article it rests on: nobody else can supply it."""
    if len(str(data.get("clause") or "").strip()) < 4:
        yield Problem(codes.DECISION_BASIS, "clause", "请写明依据的文件名称和条款，决定书会写明这一依据。")


def short_reason(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """As `reason_given`, for what stands on the public page: at most 300 characters."""
    yield from reason_given(filing, actor, data)
    yield from not_over_300(data)


def not_over_300(data: dict[str, Any]) -> Iterable[Problem]:
    """What stands on the public page has at most 300 characters."""
    if 300 < len(str(data.get("reason") or "").strip()) <= LONGEST_REASON:
        yield Problem(codes.REASON_REQUIRED, "reason", "不能超过 300 字。")


def legal_pause(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A clock stands still only for a reason of the catalogue, and only once at a time."""
    if data.get("cause") not in PauseReason.values:
        yield Problem(codes.PAUSE_REASON, "cause", "请选择暂停的事由。")
    if filing.pause_reason:
        yield Problem(codes.PAUSED, "", "办理时限已经暂停。")
    elif not any(clock.paused_on is None for clock in clocks.running(filing)):
        yield Problem(codes.PAUSE_REASON, "", "没有在计的时限，不需要暂停。")


def is_paused(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Only a clock that stands still can go on."""
    if not filing.pause_reason:
        yield Problem(codes.NOT_PAUSED, "", "办理时限没有暂停。")


def last_day_on_site(filing: Filing, today: date) -> date:
    """Until when a visit may be planned: the last day on which the institution can still be told what does not conform."""
    due = clocks.running(filing).filter(code=clocks.NONCONFORM).values_list("due_on", flat=True).first()
    # Past the term the visit is overdue, and still has to take place.
    return due if due and due > today else today + timedelta(days=settings.LATE_VISIT_DAYS)


def two_officers(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """At least two officers of the area, none tied to the institution (domain.md §2.5, §5.3)."""
    officers = list(data.get("officers") or [])
    if len({officer.pk for officer in officers}) < settings.SITE_CHECK_OFFICERS:
        words = f"现场核实至少要 {settings.SITE_CHECK_OFFICERS} 名核实人员。"
        yield Problem(codes.TWO_OFFICERS, "officers", words)
    for officer in officers:
        if not review.covers(officer, filing, Role.INSPECTOR, Role.REVIEWER):
            words = f"{officer.display_name}没有本辖区的核实职责，或与这家机构有关联，应当回避。"
            yield Problem(codes.TWO_OFFICERS, "officers", words)
    day, last = data.get("planned_on"), last_day_on_site(filing, data["today"])
    if not isinstance(day, date) or not data["today"] <= day <= last:
        words = f"请填写计划核实日期，从今天起，最晚 {last.month}月{last.day}日（含当日），以免超过告知不符合的时限。"
        yield Problem(codes.FILING_VALUE, "planned_on", words)


def site_check_passed(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """现场核实 is done and found nothing against it."""
    check = filing.site_checks.order_by("-id").first()
    if check is None or check.concluded_on is None:
        yield Problem(codes.SITE_CHECK_OPEN, "", "现场核实还没有完成，请先记录核实结果。")
    elif any(not item["result"] for item in check.items):
        yield Problem(codes.SITE_CHECK_OPEN, "", "现场核实还有没有结果的项，不能确认符合。")
    elif not check.conforms:
        yield Problem(codes.SITE_CHECK_FAILED, "", "现场核实有不符合项，不能确认符合。请提请告知不符合。")


def reasons_by_rule(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Every reason of a negative decision is tied to a rule or clause (国卫办人口发〔2019〕25号; product.md C4)."""
    items = data.get("items") or []
    if not items:
        yield Problem(codes.NONCONFORM_REASON, "items", "请至少列出一条不符合的内容。")
    for number, item in enumerate(items, 1):
        if not str(item.get("finding") or "").strip() or not str(item.get("clause") or "").strip():
            yield Problem(codes.NONCONFORM_REASON, "items", f"第 {number} 条没有写明不符合的内容或依据的条款。")


def no_other_proposal(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """One proposal at a time."""
    if filing.waiting:
        yield Problem("GEN-409", "", "这件备案已有一个提议在等待签批。")


def pending(filing: Filing, step: str = "") -> Proposal | None:
    """The proposal that waits for a signature."""
    found = filing.proposals.filter(outcome="PENDING").select_related("proposed_by")
    return (found.filter(step=step) if step else found).first()


def proposed_by_another(step: str) -> Any:
    """A guard: a proposal of this step waits, and somebody else made it."""

    def guard(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        proposal = filing.waiting if filing.waiting and step in {"", filing.waiting.step} else None
        data["proposal"] = proposal
        if proposal is None:
            yield Problem(codes.PROPOSAL_MISSING, "", "没有待签批的提议。请由受理人员先提出。")
        elif actor.pk in {proposal.proposed_by_id, proposal.legal_by_id}:
            yield Problem(codes.SECOND_PERSON, "", "提出人和审核人不能签批自己的意见，须由另一人签批。")

    return guard


def any_proposal_by_another(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Some proposal waits, and somebody else made it."""
    yield from proposed_by_another("")(filing, actor, data)


def legal_agreed(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """撤销 needs the legal review of another officer first (domain.md §2.5)."""
    proposal = data.get("proposal")
    if proposal is not None and not proposal.legal_agrees:
        yield Problem(codes.LEGAL_REVIEW, "", "还没有法制审核意见，或法制审核不同意，不能撤销备案。")


def proposed_for_review(step: str) -> Guard:
    """There is a proposal of this step to review, not yet reviewed, made by somebody else."""

    def guard(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
        proposal = filing.waiting
        data["proposal"] = proposal
        if proposal is None or proposal.step != step or proposal.legal_by_id:
            yield Problem(codes.PROPOSAL_MISSING, "", "没有等待法制审核的撤销提议。")
        elif proposal.proposed_by_id == actor.pk:
            yield Problem(codes.SECOND_PERSON, "", "提出人不能审核自己的提议。")
        if not isinstance(data.get("agrees"), bool):
            yield Problem(codes.LEGAL_REVIEW, "agrees", "请选择同意或不同意。")

    return guard


def something_changed(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A change differs from what was accepted, and is no move: another place is filed again (domain.md §2.6)."""
    accepted = data.get("last")
    if accepted is None or accepted.number != filing.accepted_number:
        accepted = filing.versions.filter(number=filing.accepted_number).first()
    case = data.get("case") or CaseFile(filing, data["today"])
    if accepted is None:
        return
    now = snapshot(case)
    changed = differences(accepted.content, now)
    if not changed:
        yield Problem(codes.NOTHING_CHANGED, "", "没有发现任何改动。请修改需要变更的内容后再提交。")
    before = accepted.content["sections"].get("basics", {}).get("service_address")
    if before != now["sections"].get("basics", {}).get("service_address"):
        words = "实际经营地址变了：迁址应当重新备案。请撤回这次变更，另选“迁址重新备案”。"
        yield Problem(codes.MOVE_IS_NEW, "basics", words)


def people_can_work(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Yearly confirmation and resumption: somebody who may be on duty is there."""
    if not Post.objects.current().filter(institution=filing.institution_id).exists():
        yield Problem(codes.SECTION_INCOMPLETE, "people", "人员台账里没有在岗人员，请先更新人员。")
