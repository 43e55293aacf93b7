"""Letters by which the authority decides against an institution: 不予收件, 不予变更, 撤销备案 (domain.md §2.5).

Each states its facts, its ground and how to object (domain-2.md A2, §5.6 救济), and raises ValueError for a letter to be
sent without reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .letters import Letter, LetterItem, LetterKind
from .wording import remedy_words


def rejection_letter(
    *,
    number: str,
    institution_name: str,
    case_no: str,
    authority: str,
    review_body: str,
    issued_on: date,
    items: Sequence[LetterItem] = (),
    reasons: Sequence[str] = (),
    competent_authority: str = "",
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《不予收件告知书》: why the case cannot be taken here (no filing matter, other district), and who is competent.

    Reasons come as full `items` or as plain `reasons`. Raises ValueError for a letter to be sent without any.
    """
    named = (*items, *(LetterItem(title="不予收件的理由", finding=reason) for reason in reasons))
    if not preview and not named:
        raise ValueError("a rejection needs its reasons")
    competent = f"请向{competent_authority}办理。" if competent_authority else ""
    return Letter(
        kind=LetterKind.REJECTION,
        title="不予收件告知书",
        number=number,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(f"你单位提交的托育机构备案材料（办件编号 {case_no}）经审查，本机关不予收件，理由如下。",),
        items=named,
        closing=(
            *((competent,) if competent else ()),
            "不予收件不影响你单位在符合条件后再次提交备案材料。对本告知有异议的，可以向本机关书面提出。",
            remedy_words("本告知", review_body),
        ),
        demo=demo,
        preview=preview,
    )


def change_refusal_letter(
    *,
    number: str,
    institution_name: str,
    case_no: str,
    items: Sequence[LetterItem],
    authority: str,
    review_body: str,
    issued_on: date,
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《不予变更备案决定书》: why a change is not filed; what was filed before stays in force."""
    if not preview and not items:
        raise ValueError("a refused change needs its reasons")
    return Letter(
        kind=LetterKind.CHANGE_REFUSAL,
        title="不予变更备案决定书",
        number=number,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(f"你单位提交的托育机构变更备案材料（办件编号 {case_no}）经审查，本机关决定不予变更，理由如下。",),
        items=tuple(items),
        closing=(
            "原备案继续有效，本次申请变更的内容不作备案。情况变化或者符合要求后，可以再次申请变更备案。",
            remedy_words("本决定", review_body),
        ),
        demo=demo,
        preview=preview,
    )


def rescission_letter(
    *,
    number: str,
    institution_name: str,
    case_no: str,
    receipt_no: str,
    items: Sequence[LetterItem],
    authority: str,
    review_body: str,
    issued_on: date,
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """《撤销备案决定书》: the facts established, the ground, and that the receipt is void."""
    if not preview and not items:
        raise ValueError("a rescission needs its reasons")
    return Letter(
        kind=LetterKind.RESCISSION,
        title="撤销备案决定书",
        number=number,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(
            f"你单位的托育机构备案（办件编号 {case_no}，备案回执编号 {receipt_no}）经查实有下列情形，"
            "并经法制审核，本机关决定予以撤销。",
        ),
        items=tuple(items),
        closing=(
            "原备案自始不再有效，备案回执作废，不得继续使用或者展示。撤销备案的情况向社会公开，并通报有关部门。",
            "继续提供托育服务的，应当依法重新办理备案。",
            remedy_words("本决定", review_body),
        ),
        demo=demo,
        preview=preview,
    )
