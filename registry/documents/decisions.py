"""Letters by which the authority decides against an institution: 不予收件, 不予变更, 撤销备案 (domain.md §2.5).

Each states its facts, its ground and how to object (domain-2.md A2, §5.6 救济), and raises ValueError for a letter to be
sent without reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NotRequired, TypedDict, Unpack

from casework.documents.sheet import Letter, LetterItem
from casework.documents.wording import remedy_words

from .letters import LetterKind


class Sent(TypedDict):
    """What each of these letters bears: its number, to whom, from whom, the day, and who reviews it."""

    number: str
    institution_name: str
    authority: str
    review_body: str
    issued_on: date
    demo: NotRequired[bool]
    preview: NotRequired[bool]


def rejection_letter(
    *,
    case_no: str,
    items: Sequence[LetterItem] = (),
    reasons: Sequence[str] = (),
    competent_authority: str = "",
    **sent: Unpack[Sent],
) -> Letter:
    """《不予收件告知书》: why the case cannot be taken here (no filing matter, other district), and who is competent.

    Reasons come as full `items` or as plain `reasons`.
    """
    competent = [f"请向{competent_authority}办理。"] if competent_authority else []
    return _against(
        LetterKind.REJECTION,
        "不予收件告知书",
        f"你单位提交的托育机构备案材料（办件编号 {case_no}）经审查，本机关不予收件，理由如下。",
        (*items, *(LetterItem(title="不予收件的理由", finding=reason) for reason in reasons)),
        *competent,
        "不予收件不影响你单位在符合条件后再次提交备案材料。对本告知有异议的，可以向本机关书面提出。",
        called="本告知",
        **sent,
    )


def change_refusal_letter(*, case_no: str, items: Sequence[LetterItem], **sent: Unpack[Sent]) -> Letter:
    """《不予变更备案决定书》: why a change is not filed; what was filed before stays in force."""
    return _against(
        LetterKind.CHANGE_REFUSAL,
        "不予变更备案决定书",
        f"你单位提交的托育机构变更备案材料（办件编号 {case_no}）经审查，本机关决定不予变更，理由如下。",
        items,
        "原备案继续有效，本次申请变更的内容不作备案。情况变化或者符合要求后，可以再次申请变更备案。",
        **sent,
    )


def rescission_letter(*, case_no: str, receipt_no: str, items: Sequence[LetterItem], **sent: Unpack[Sent]) -> Letter:
    """《撤销备案决定书》: the facts established, the ground, and that the receipt is void."""
    return _against(
        LetterKind.RESCISSION,
        "撤销备案决定书",
        f"你单位的托育机构备案（办件编号 {case_no}，备案回执编号 {receipt_no}）经查实有下列情形，"
        "并经法制审核，本机关决定予以撤销。",
        items,
        "原备案自始不再有效，备案回执作废，不得继续使用或者展示。撤销备案的情况向社会公开，并通报有关部门。",
        "继续提供托育服务的，应当依法重新办理备案。",
        **sent,
    )


def _against(
    kind: LetterKind,
    title: str,
    opening: str,
    items: Sequence[LetterItem],
    *closing: str,
    called: str = "本决定",
    number: str,
    institution_name: str,
    authority: str,
    review_body: str,
    issued_on: date,
    demo: bool = False,
    preview: bool = False,
) -> Letter:
    """A letter with its reasons that ends with how to object to what it is `called`."""
    if not preview and not items:
        raise ValueError(f"{title} needs its reasons")
    return Letter(
        kind=kind,
        title=title,
        number=number,
        authority=authority,
        addressee=institution_name,
        issued_on=issued_on,
        paragraphs=(opening,),
        items=tuple(items),
        closing=(*closing, remedy_words(called, review_body)),
        demo=demo,
        preview=preview,
    )
