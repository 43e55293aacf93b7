"""What the papers of an inspection say, from the same data as the pages (domain-2.md B2.2, B2.4)."""

from __future__ import annotations

from typing import Any

from casework.documents.sheet import LetterItem
from casework.documents.wording import chinese_date
from casework.models import Case
from casework.types import LetterForm

from .choices import Verdict, VisitKind
from .meters import meter_of
from .powers import may_order
from .terms import terms_on

# 五个严禁 (54号; domain-2.md B2.3).
FORBIDDEN = "五个严禁：严禁逐利检查；严禁干扰企业正常生产经营；严禁任性处罚企业；严禁下达检查指标；严禁变相检查。"
PREVIEWED = "（按所选的结果填写）"  # the page of the step shows the letter before the result is chosen
SEVERITY_DAYS = "自送达之日起 {days} 个工作日内"
APPEAL = "如不服本通知，可以自收到之日起六十日内依法申请行政复议，或者在六个月内依法提起行政诉讼。"


def _officers(visit: Any) -> str:
    return "；".join(f"{one.user.display_name}（执法证号 {one.certificate_no}）" for one in visit.crew)


def notice(case: Case) -> dict[str, Any]:
    """行政检查通知书: matter and basis, who comes, how often so far this year, recusal, defence, the complaint number."""
    visit = case.body
    seen = meter_of(case.uscc, visit.subject, visit.planned_on.year, but=case.pk)
    return {
        "paragraphs": (
            f"根据{visit.matter.basis}，{visit.subject.acts_as}决定对你单位进行行政检查，请予配合。",
            f"今年以来，本机关已对你单位检查 {seen.counted + seen.exempt} 次，其中计入频次上限的 {seen.counted} 次"
            f"（每年上限 {seen.cap} 次）。",
        ),
        "rows": (
            ("检查事项", visit.matter.name),
            ("检查类型", VisitKind(visit.kind).label),
            ("检查时间", chinese_date(visit.planned_on)),
            ("检查人员", _officers(visit)),
        ),
        "closing": (
            "检查人员与你单位有直接利害关系或者有其他关系可能影响公正执法的，你单位有权申请回避。",
            "你单位有权陈述、申辩。检查人员未出示执法证件和本通知书的，你单位有权拒绝检查。",
            FORBIDDEN,
            "投诉举报电话：12345。",
        ),
    }


def result(case: Case) -> dict[str, Any]:
    """行政检查结果告知书: what was found; what is only advice carries no term (domain-2.md I15)."""
    visit = case.body
    wrong = [line for line in visit.items if line.verdict == Verdict.NOT_MET]
    counts = visit.counts
    when = chinese_date(visit.arrived_at.astimezone().date())
    return {
        "paragraphs": (
            f"{when}，本机关对你单位进行了行政检查（{visit.matter.name}），共查 "
            f"{counts[Verdict.MET] + counts[Verdict.NOT_MET]} 项，不符合 {len(wrong)} 项。",
            f"检查结果：{visit.get_result_class_display() or PREVIEWED}。",
        ),
        "items": tuple(_found(visit, line) for line in wrong),
        "closing": (
            f"对以上事实有异议的，请在收到之日起 {terms_on(case.governed_on).object} 个工作日内在本平台提出。",
            "检查结果将依法公开。",
        ),
    }


def _found(visit: Any, line: Any) -> LetterItem:
    ordered = may_order(visit.subject.field, line.item.fields, binding=line.item.binding)
    words = "已当场改正。" if line.fixed_on_spot else "依法责令改正，另行送达通知书。" if ordered else "建议改进。"
    return LetterItem(line.item.text, finding=line.note, clause=line.item.basis, how_to_fix=words)


def order(case: Case) -> dict[str, Any]:
    """责令改正通知书 (for health: 卫生监督意见书, domain-2.md B2.4): facts, basis, term, ways of appeal."""
    body = case.body
    days = terms_on(case.governed_on).days[body.severity].fix
    term = SEVERITY_DAYS.format(days=days) if days else "立即"
    lines = [one.line for one in body.lines.select_related("line__item")]
    return {
        "paragraphs": (f"经现场检查，你单位存在下列问题。现责令你单位{term}改正，并在本平台提交整改报告。",),
        "items": tuple(LetterItem(one.item.text, finding=one.note, clause=one.item.basis) for one in lines),
        "closing": ("逾期不改正的，依法处理。", APPEAL),
    }


NOTICE = LetterForm("INSPECTION_NOTICE", "行政检查通知书", "托检通", notice)
RESULT = LetterForm("INSPECTION_RESULT", "行政检查结果告知书", "托检告", result)
ORDER = LetterForm("RECTIFICATION_ORDER", "责令改正通知书", "托责改", order)
