"""What the institution reads about each state of a filing: who has it, what to do now, what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StateWords:
    """`light` of the status tag; `ours`: it is the institution's turn; `todo` for the list; `following` for the case."""

    light: str
    ours: bool
    todo: str
    following: str


WORDS: dict[str, StateWords] = {
    "DRAFT": StateWords("plain", True, "继续填写，填好后提交", "填完各项并签署承诺书后，可以提交。"),
    "SUBMITTED": StateWords(
        "yellow",
        False,
        "等待审查，不用做什么",
        "审查人员逐项核对。材料齐全的出具备案回执和基本条件告知书；不齐全的一次告知全部要补的内容。",
    ),
    "SUPPLEMENT": StateWords(
        "red",
        True,
        "按一次性告知书逐项补正",
        "逐项答复并修改告知书列出的内容，重新签署承诺书后提交。补正期满没有提交的退回草稿，填写的内容都会保留。",
    ),
    "REJECTED": StateWords(
        "grey", False, "查看告知书写明的理由", "这件备案已经结束。请按告知书写明的机关办理；情况变化后可以另行备案。"
    ),
    "RECEIPTED": StateWords(
        "green",
        False,
        "下载备案回执，按告知书自查",
        "备案机关会指派不少于两名人员到现场核实。请对照基本条件告知书自查，准备好材料原件。",
    ),
    "VERIFYING": StateWords(
        "yellow",
        False,
        "准备好材料原件，等待现场核实",
        "核实人员到场后会出示证件，对照备案内容逐项查看。全部符合的完成备案；不符合的书面告知理由和整改期限。",
    ),
    "FILED": StateWords(
        "green",
        False,
        "内容有变化时办理变更备案",
        "备案有效，信息已经公开。备案内容有变化的及时办理变更；每年确认一次；停业、终止服务前先告知家长。",
    ),
    "NONCONFORMING": StateWords(
        "red",
        True,
        "按告知书整改，整改后提交复核",
        "逐条写明整改情况，修改有关内容，重新签署承诺书后提交。备案机关会再次到现场核实。",
    ),
    "CHANGING": StateWords(
        "plain", True, "修改要变更的内容后提交", "只改有变化的内容，其余保持不变。原备案在变更办结前继续有效。"
    ),
    "CHANGE_SUBMITTED": StateWords(
        "yellow",
        False,
        "等待审查，不用做什么",
        "审查人员只看变更的内容。同意的换发回执，旧回执不再有效；原备案在此之前继续有效。",
    ),
    "SUSPENDED": StateWords(
        "grey", False, "恢复服务前先办理恢复", "停业期间备案保留，公开页面显示停业。恢复服务前先在这里办理恢复。"
    ),
    "CANCELLED": StateWords("grey", False, "", "这件备案已经注销。重新开展服务的，另行备案。"),
    "RESCINDED": StateWords(
        "red",
        False,
        "查看撤销备案决定书",
        "这件备案已被撤销。决定书写明了理由、依据，以及申请行政复议、提起行政诉讼的期限。",
    ),
}


def matter_of(filing: Any) -> str:
    """What the case is about now: a change while it is made or reviewed, else what it was opened for."""
    return "变更备案" if filing.status in {"CHANGING", "CHANGE_SUBMITTED"} else str(filing.get_kind_display())


# The step that hands the case in, by the state it is taken from.
HAND_IN = {"DRAFT": "submit", "SUPPLEMENT": "resubmit", "CHANGING": "submit_change", "NONCONFORMING": "rectify"}
# The states in which it lies with the authority just after that.
HANDED_IN = frozenset({"SUBMITTED", "CHANGE_SUBMITTED", "VERIFYING"})


def status_context(status: str, label: str) -> dict[str, str]:
    """The status tag of the page header."""
    return {"status_light": WORDS[status].light, "status_word": label}
