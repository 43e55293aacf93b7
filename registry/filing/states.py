"""The states of a filing (domain.md §2.5), each with its own words: nothing else names one but the table of steps.

`registry.choices` holds their names and how many of a kind an institution may have, because the database must know them;
what the public reads of a state is there too (`PUBLIC_STATES`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casework.types import State
from yancheng_childcare.choices import Role

from ..choices import FilingStatus
from . import clocks

if TYPE_CHECKING:
    from ..models import Filing


@dataclass(frozen=True, slots=True)
class FilingState(State):
    """What is so while a filing stands there.

    `filled_in`: the institution writes, everything; `private`: nobody else sees it; `refused`: it never was taken in; `answered`: it answers a letter, what the letter names; `judged`: a
    reviewer gives verdicts; `visited`: officers go there; `changed`: it is about a change of what is filed; `against`: it
    speaks against the institution later on; `worth`: light and word of its receipt; `public`: what others read of it;
    `verified`: colour, word and meaning on the page behind its QR code; `stopped`: no child is taken in;
    `clock`: the one that answers a submission; `awaits`: why the one who issued the receipt cannot go on.
    """

    filled_in: bool = False
    private: bool = False
    refused: bool = False
    answered: bool = False
    judged: bool = False
    visited: bool = False
    changed: bool = False
    against: bool = False
    stopped: bool = False
    worth: tuple[str, str] = ()  # type: ignore[assignment]  # () where there is no receipt
    public: str = ""
    clock: str = ""
    awaits: str = ""
    verified: tuple[str, str, str] = ("grey", "未生效", "这份回执没有生效，请向备案机关核实。")
    next_steps: tuple[str, ...] = ()


IN_FORCE = ("green", "有效", "备案有效，现场核实符合。")
INSTITUTION, AUTHORITY = Role.OPERATOR.value, Role.REVIEWER.value
STATES: dict[str, FilingState] = {
    "DRAFT": FilingState(
        "plain",
        INSTITUTION,
        "填写并提交备案",
        "继续填写，填好后提交",
        "填完各项并签署承诺书后，可以提交。",
        filled_in=True,
        private=True,
        waits="备案机关",
    ),
    "SUBMITTED": FilingState(
        "yellow",
        AUTHORITY,
        "审查备案材料",
        "等待审查，不用做什么",
        "审查人员逐项核对。材料齐全的出具备案回执和基本条件告知书；不齐全的一次告知全部要补的内容。",
        then="齐全的出具备案回执，不齐全的一次告知全部要补的内容。",
        waits="机构",
        judged=True,
        clock=clocks.RECEIPT,
        next_steps=(
            "{authority}核对材料是否齐全。",
            "齐全的出具备案回执和基本条件告知书；不齐全的一次告知全部要补的内容。结果会发到“消息”。",
            "出具回执后安排现场核实，请准备好材料原件。",
        ),
    ),
    "SUPPLEMENT": FilingState(
        "red",
        INSTITUTION,
        "补正备案材料",
        "按告知书逐项补正",
        "逐项答复并修改告知书列出的内容，重新签署承诺书后提交。补正期满没有提交的退回草稿，填写的内容都会保留。",
        waits="备案机关",
        answered=True,
    ),
    "REJECTED": FilingState(
        "grey",
        todo="查看告知书写明的理由",
        following="这件备案已经结束。请按告知书写明的机关办理；情况变化后可以另行备案。",
        against=True,
        refused=True,
    ),
    "RECEIPTED": FilingState(
        "green",
        AUTHORITY,
        "指派现场核实",
        "下载备案回执，按告知书自查",
        "备案机关会指派不少于两名人员到现场核实。请对照基本条件告知书自查，准备好材料原件。",
        then="不少于两名人员，定下到场日期，机构随即收到通知。",
        waits="机构",
        worth=("green", "有效，现场核实前"),
        verified=("green", "有效", "备案材料已经收到，正在现场核实。"),
        public="已备案（核实中）",
        awaits="回执由您出具，现场核实由另一名审查人员指派。",
    ),
    "VERIFYING": FilingState(
        "yellow",
        AUTHORITY,
        "作出核实结论",
        "准备好材料原件，等待现场核实",
        "核实人员到场后会出示证件，对照备案内容逐项查看。全部符合的完成备案；不符合的书面告知理由和整改期限。",
        then="符合的完成备案，不符合的提请负责人签发告知。",
        waits="机构",
        visited=True,
        worth=("green", "有效，现场核实中"),
        verified=("green", "有效", "备案材料已经收到，正在现场核实。"),
        public="已备案（核实中）",
        clock=clocks.NONCONFORM,
        awaits="回执由您出具，核实结论由另一名审查人员作出。",
        next_steps=(
            "{authority}{visit}再次到现场核实，请准备好材料原件。",
            "符合的完成备案；仍不符合的书面告知理由。结果会发到“消息”。",
        ),
    ),
    "FILED": FilingState(
        "green",
        todo="内容有变化时办理变更备案",
        following="备案有效，信息已经公开。备案内容有变化的及时办理变更；每年确认一次；停业、终止服务前先告知家长。",
        worth=("green", "有效"),
        verified=IN_FORCE,
        public="已备案",
    ),
    "NONCONFORMING": FilingState(
        "red",
        INSTITUTION,
        "整改并提交复核",
        "按告知书整改，整改后提交复核",
        "逐条写明整改情况，修改有关内容，重新签署承诺书后提交。备案机关会再次到现场核实。",
        waits="家长和备案机关",
        answered=True,
        against=True,
        worth=("red", "备案内容不符合标准规范"),
        verified=("red", "不符合", "经核实，备案内容不符合标准规范，已责令限期改正，理由见公开名单。"),
        public="备案内容不符合标准规范",
    ),
    "CHANGING": FilingState(
        "plain",
        INSTITUTION,
        "修改并提交变更备案",
        "修改要变更的内容后提交",
        "只改有变化的内容，其余保持不变。原备案在变更办结前继续有效。",
        filled_in=True,
        changed=True,
        worth=("green", "有效，变更办理中"),
        verified=IN_FORCE,
        public="已备案",
    ),
    "CHANGE_SUBMITTED": FilingState(
        "yellow",
        AUTHORITY,
        "审查变更备案",
        "等待审查，不用做什么",
        "审查人员只看变更的内容。同意的换发回执，旧回执不再有效；原备案在此之前继续有效。",
        then="同意的换发回执，要补正的一次告知。",
        waits="机构",
        judged=True,
        changed=True,
        worth=("green", "有效，变更办理中"),
        verified=IN_FORCE,
        public="已备案",
        clock=clocks.CHANGE_REVIEW,
        next_steps=(
            "{authority}审查变更的内容。",
            "同意的换发回执；要补正的，告知全部要补的内容。结果会发到“消息”。",
            "变更办结前，原备案继续有效。",
        ),
    ),
    "SUSPENDED": FilingState(
        "grey",
        todo="恢复服务前先办理恢复",
        following="停业期间备案保留，公开页面显示停业。恢复服务前先在这里办理恢复。",
        stopped=True,
        worth=("grey", "停业"),
        verified=("grey", "停业", "机构已报停业，停业期间不收托婴幼儿{until}。"),
        public="停业",
    ),
    "CANCELLED": FilingState(
        "grey",
        following="这件备案已经注销。重新开展服务的，另行备案。",
        worth=("grey", "已注销"),
        verified=("grey", "已注销", "这份备案已于 {ended}注销，回执不再有效。"),
        public="备案已注销",
    ),
    "RESCINDED": FilingState(
        "red",
        todo="查看撤销备案决定书",
        following="这件备案已被撤销。决定书写明了理由、依据，以及申请行政复议、提起行政诉讼的期限。",
        against=True,
        worth=("red", "已撤销"),
        verified=("red", "已撤销", "这份备案已于 {ended}撤销，回执作废。"),
        public="备案已撤销",
    ),
}  # fmt: skip


# Not states of a case: nobody has begun it, its end was asked for, somebody is on the way to it, it waits for a signature.
NOT_BEGUN = State("plain", INSTITUTION, following="登记信息已经带入，填好各栏并签署承诺书后提交。", waits="备案机关")
CLOSING = State(
    "yellow",
    AUTHORITY,
    "核对安置和退费，注销备案",
    then="注销后公开页面随即更新，登记机关收到推送。",
    waits="机构和家长",
)
VISIT = State(
    "yellow",
    Role.INSPECTOR.value,
    "到场现场核实",
    then="逐项记录后提交，审查人员据此作出结论。",
    waits="机构和审查人员",
)
LATE_VISIT = State(
    "yellow", AUTHORITY, "现场核实过了计划日，催办或改派", then="核实人员记录后，由您作出结论。", waits="机构"
)
SIGNING = State("yellow", Role.CHIEF.value, "签批提请的决定", then="签发后文书立即发给机构；也可以退回。", waits="机构")
OPINION = State("yellow", Role.LEGAL.value, "法制审核", then="同意的，由负责人签批。", waits="审查人员和负责人")


def state_of(filing: Filing) -> FilingState:
    """What is so of this filing now."""
    return STATES[filing.status]


def those(**wanted: object) -> tuple[str, ...]:
    """The names of the states of which this is so, for a query: `those(judged=True)`, `those(turn=AUTHORITY)`."""
    return tuple(name for name, state in STATES.items() if all(getattr(state, k) == v for k, v in wanted.items()))


# Found not to conform on site, told to mend it: listed in public until it is looked at again (25 号文 of 2019).
TO_RECTIFY = those(answered=True, against=True)


def is_filed(filing: Filing) -> bool:
    """In order and in service, no change under way."""
    return filing.status == FilingStatus.FILED


def may_answer(filing: Filing) -> bool:
    """A letter may be answered: where it put the case, and in a change it sent back."""
    state = state_of(filing)
    return state.answered or (state.changed and state.filled_in)
