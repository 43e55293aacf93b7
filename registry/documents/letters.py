"""The letters of a filing as data: who says what to whom, on what ground (domain.md §2).

The builders are pure: no database, no clock, no settings. What a letter is: `casework.documents.sheet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from casework.documents.content import add_captions
from casework.documents.sheet import Letter, LetterItem
from casework.documents.wording import OUR_PRACTICE, chinese_date, cited_once, official, remedy_words, sentence

from .conditions import basic_conditions

FILING_RULES = "《托育机构登记和备案办法（试行）》（国卫办人口发〔2019〕25号）"
CONDITIONS_TITLE = "托育机构基本条件告知书"
SETUP_STANDARD = "《托育机构设置标准（试行）》《托育机构管理规范（试行）》（国卫人口发〔2019〕58号）"
#: How an institution answers a letter.
CHANNEL = "通过盐城市托育服务公共平台"


class LetterKind(StrEnum):
    """Which letter it is; decides only the captions of an item's lines."""

    RECEIPT = "RECEIPT"
    BASIC_CONDITIONS = "BASIC_CONDITIONS"
    CORRECTION = "CORRECTION"
    NONCONFORMING = "NONCONFORMING"
    REJECTION = "REJECTION"
    CHANGE_REFUSAL = "CHANGE_REFUSAL"
    RESCISSION = "RESCISSION"


# What the portal's pages say besides (where to correct it, the number of the rule) has no place in an official letter.
add_captions(
    {
        LetterKind.CORRECTION: {"finding": "存在问题", "clause": "依据", "how_to_fix": "补正要求"},
        LetterKind.NONCONFORMING: {"finding": "存在问题", "clause": "依据", "how_to_fix": "整改要求"},
        LetterKind.REJECTION: {"finding": "理由", "clause": "依据", "how_to_fix": "办理方式", "where": "办理机关"},
        LetterKind.CHANGE_REFUSAL: {"finding": "理由", "clause": "依据"},
        LetterKind.RESCISSION: {"finding": "事实和理由", "clause": "依据"},
    }
)


def receipt_letter(
    *,
    receipt_no: str,
    institution_name: str,
    address: str,
    uscc: str,
    principal: str,
    nature_label: str,
    service_modes_label: str,
    capacity_total: int,
    authority: str,
    issued_on: date,
    version: int,
    verify_url: str,
    regime: str = "FILING",
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《托育机构备案回执》 (domain.md §2.3): the materials were received; it is no licence (§0.3).

    `version` > 1 is the receipt of a change, which replaces the one before. Under regime `PERMIT` it confirms the
    materials of an application. Raises ValueError for another regime or a version below 1.
    """
    if regime not in {"FILING", "PERMIT"} or version < 1:
        raise ValueError(f"no receipt for regime {regime!r}, version {version!r}")
    filing = regime == "FILING"
    if filing:
        paragraphs = [
            f"你单位提交的托育机构{'变更' if version > 1 else ''}备案材料已经收到，材料齐全，现予备案，备案内容如下。"
        ]
        closing = [
            f"本回执依据{FILING_RULES}出具，仅证明本机关收到并留存备案材料。备案不是行政许可，本回执不是许可证，"
            "不代表本机关对其服务质量作出评价或者担保。",
            "请按所附《托育机构基本条件告知书》逐项自查，本机关将现场核实。备案内容变化的，及时办理变更备案。",
        ]
    else:
        paragraphs = ["你单位提交的托育机构许可申请材料已经收到，材料齐全，申请内容如下。"]
        closing = ["本回执仅证明本机关收到申请材料，不是许可证。是否准予许可，以本机关另行作出的书面决定为准。"]
    return Letter(
        kind=LetterKind.RECEIPT,
        title="托育机构备案回执" if filing else "托育机构许可申请材料回执",
        number=receipt_no,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=tuple(paragraphs),
        rows=(
            ("机构名称", institution_name),
            ("统一社会信用代码", uscc),
            ("地址", address),
            ("负责人", principal),
            ("机构性质", nature_label),
            ("服务形式", service_modes_label),
            ("收托规模", f"{capacity_total} 个托位"),
            ("备案机关" if filing else "受理机关", authority),
            ("回执版本", f"第 {version} 版" + ("，以前各版不再使用" if version > 1 else "")),
        ),
        closing=tuple(closing),
        attachments=(CONDITIONS_TITLE,) if filing else (),
        qr_url=verify_url,
        qr_caption=_verify_caption(verify_url),
        demo=demo,
        preview=preview,
    )


def basic_conditions_letter(
    *,
    receipt_no: str,
    institution_name: str,
    authority: str,
    issued_on: date,
    verify_url: str = "",
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《托育机构基本条件告知书》, given with the receipt (25 号文): the list of registry/data/basic_conditions.csv."""
    opening = f"依据{FILING_RULES}，现将托育机构应当具备的基本条件告知你单位，请逐项自查并持续保持。"
    areas = basic_conditions()
    _, *sources = cited_once([opening, *(official(source) for _, points in areas for _, source in points)])
    cited = iter(sources)
    return Letter(
        kind=LetterKind.BASIC_CONDITIONS,
        title=CONDITIONS_TITLE,
        number=receipt_no,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(
            opening,
            f"每项之后注明依据。注明“{OUR_PRACTICE}”的，是本市办理备案时的约定，不是法律法规的规定。"
            "条款内容以正式公布的文本为准。",
        ),
        items=tuple(
            LetterItem(title=area, points=tuple((words, next(cited)) for words, _ in points)) for area, points in areas
        ),
        closing=(
            "本告知书与备案回执一并送达。经现场核实，备案内容不符合设置标准和管理规范的，本机关将书面通知你单位，"
            "说明理由，责令改正，并向社会公开。",
        ),
        qr_url=verify_url,
        qr_caption=_verify_caption(verify_url),
        demo=demo,
        preview=preview,
    )


def correction_letter(
    *,
    notice_no: str,
    round: int,
    institution_name: str,
    case_no: str,
    items: Sequence[LetterItem],
    due_on: date | None,
    authority: str,
    issued_on: date,
    workdays: int | None = None,
    cause: str = "",
    approved_by: str = "",
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《一次性告知书》; from the second round on 《补充告知书》, which states its recorded cause and who approved it.

    `due_on` is the last day of the correction, `workdays` its length (both [A], domain.md §2.4, so the letter does
    not call them law). Raises ValueError for a letter to be sent without items or due day, or without cause and
    approval in a later round; a preview may lack them.
    """
    again = round > 1
    if not preview and (not items or due_on is None or (again and not (cause and approved_by))):
        raise ValueError("a correction notice needs items and a due day; a further one its cause and who approved it")
    opening = f"你单位提交的托育机构备案材料（办件编号 {case_no}）经审查，下列 {len(items)} 项需要补正。"
    paragraphs = [opening + ("" if again else "现一次性告知如下。")]
    if again:
        paragraphs += [f"本告知为第 {round} 次告知。再次告知的原因：{sentence(cause or '（待填写）')}"]
        paragraphs += [f"本次告知经{approved_by or '（待批准）'}批准。"]
    length = f"（自告知之日起 {workdays} 个工作日）" if workdays else ""
    due = f"于{chinese_date(due_on)}（含当日）" if due_on else "在补正期限届满"
    return Letter(
        kind=LetterKind.CORRECTION,
        title="补充告知书" if again else "一次性告知书",
        number=notice_no,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=tuple(paragraphs),
        items=tuple(items),
        closing=(
            f"请{due}前{length}逐项补正，{CHANNEL}重新提交。该期限为{OUR_PRACTICE}。",
            "补正期间备案办理时限暂停，自补齐之日起重新计算。逾期没有补正的，本次提交的材料予以退回，补齐后可以再次提交。",
        ),
        demo=demo,
        preview=preview,
    )


def nonconforming_letter(
    *,
    number: str,
    institution_name: str,
    case_no: str,
    items: Sequence[LetterItem],
    rectify_by: date | None,
    authority: str,
    review_body: str,
    issued_on: date,
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《备案内容不符合告知书》: the reason per rule, the order to rectify, and how to object (domain.md §2.4).

    Raises ValueError for a letter to be sent without items or last day of rectification.
    """
    if not preview and (not items or rectify_by is None):
        raise ValueError("a notice of non-conformity needs its reasons and a last day of rectification")
    due = f"于{chinese_date(rectify_by)}（含当日）前" if rectify_by else "在整改期限内"
    return Letter(
        kind=LetterKind.NONCONFORMING,
        title="备案内容不符合告知书",
        number=number,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(
            f"经核实，你单位的托育机构备案（办件编号 {case_no}）有下列 {len(items)} 项内容不符合"
            f"{SETUP_STANDARD}等规定。依据{FILING_RULES}，现予告知并说明理由。",
        ),
        items=tuple(items),
        closing=(
            f"责令你单位{due}改正上述问题，并{CHANNEL}提交整改情况和有关材料。本机关收到后再次核实。",
            "依据上述办法，备案内容不符合的情况和理由将向社会公开；改正并经核实符合的，公开信息随之更新。",
            f"对本告知有异议的，可以向{authority}书面陈述、申辩并提交证据，不因陈述、申辩加重处理。",
            remedy_words("本告知", review_body),
        ),
        demo=demo,
        preview=preview,
    )


def _verify_caption(verify_url: str) -> str:
    """Words beside the QR code: the address without its signature can be typed by hand."""
    if not verify_url:
        return ""
    return f"扫描二维码核验备案回执的最新状态，或者访问 {verify_url.partition('?')[0]}"
