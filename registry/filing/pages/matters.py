"""“我该办哪个事项”: the situations in plain words, what each needs, and where it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from ...choices import LIVE_FILING, OPEN_FILING, FilingKind, Nature
from ...models import Filing, Institution
from ..services import available_steps
from ..states import state_of


@dataclass(frozen=True, slots=True)
class Matter:
    """One situation. Steps of the table name the one they are offered for; `kind` opens a new filing."""

    key: str
    label: str
    title: str
    text: tuple[str, ...]
    kind: str = ""
    none: str = ""


MATTERS = (
    Matter(
        "first",
        "新开办的机构，已经拿到登记证照，还没有备案",
        "首次备案",
        (
            "登记以后，向机构所在地的县级卫生健康部门备案。登记信息会自动带入，不用再填。",
            "材料不全也可以先填，内容随时保存，填好再提交。",
        ),
        kind=FilingKind.INITIAL,
        none="您名下没有可以首次备案的机构：有的正在办理，有的已经备案，或者登记信息还没有到达平台。",
    ),
    Matter(
        "change",
        "已经备案，名称、负责人、托位、班级、供餐等有变化",
        "变更备案",
        ("只改有变化的内容，其余保持不变。登记信息有变化的，先到登记机关变更登记。", "原备案在变更办结前继续有效。"),
        none="您名下没有可以变更的备案。只有“已备案”状态的可以办理变更。",
    ),
    Matter(
        "info",
        "已经备案，收费标准或备案联系人有变化",
        "更新收费与联系方式",
        ("这些不在备案回执上：改了立即生效，不换回执，不用重新签署承诺书，备案机关会收到消息。",),
        none="您名下没有可以更新的备案。只有“已备案”状态的可以直接更新；正在变更的，在变更里一并修改。",
    ),
    Matter(
        "move",
        "已经备案，要搬到新的地址",
        "迁址重新备案",
        (
            "换了地方就要重新核实场地、消防和卫生，所以迁址要重新备案，不能办理变更。",
            "人员、收费等内容会带入；场地、房屋、消防、卫生等与地址有关的要重新填写和上传。",
            "新备案出具回执时，原备案自动注销，中间不会断档。",
        ),
        kind=FilingKind.REFILE,
        none="您名下没有可以迁址的备案。还没有备案过的，请选首次备案。",
    ),
    Matter(
        "branch",
        "要在另一个地址再开一家（分支机构或连锁店）",
        "先登记，再首次备案",
        (
            "每个地址是一家单独备案的机构。请先到登记机关办理分支机构或新机构的登记。",
            "登记完成后信息会推送到平台，再为新机构办理首次备案。原有备案不受影响。",
        ),
    ),
    Matter(
        "suspend",
        "暂时停业，或者停业后恢复服务",
        "停业与恢复",
        ("停业前告知家长，写明停业原因和预计恢复的日期。", "停业期间备案保留，恢复服务前先办理恢复。"),
        none="您名下没有可以办理停业或恢复的备案。",
    ),
    Matter(
        "close",
        "不再办托，要注销备案",
        "终止服务（注销）",
        (
            "先告知家长，安置好孩子和职工，结清费用，再申请终止服务。",
            "备案机关核对后注销备案，公开页面会显示已注销。登记的注销另向登记机关办理。",
        ),
        none="您名下没有可以申请终止的备案。还没有出具回执的，不提交即可。",
    ),
    Matter(
        "home",
        "在家里办的家庭托育点",
        "家庭托育点备案",
        (
            "家庭托育点同样先登记、后备案，登记的名称和范围应当含“家庭托育”。",
            "全点收托不超过 5 人，每名照护人员照护不超过 3 人。填写时办托形式选“家庭托育点”。",
        ),
        kind=FilingKind.INITIAL,
        none="您名下没有可以首次备案的家庭托育点。还没有登记的，请先到登记机关办理登记。",
    ),
)
BY_KEY = {matter.key: matter for matter in MATTERS}


def doors(
    matter: Matter, filings: Iterable[Filing], institutions: Iterable[Institution], user: Any
) -> tuple[list[dict[str, str]], list[Institution]]:
    """(links to steps on filings, institutions for which a filing may be opened) for one situation."""
    filings = list(filings)
    links = [
        {
            "url": reverse("filing:step", args=[filing.no, step.name]),
            # A suspension that runs can still be prolonged.
            "text": f"{'更新停业安排' if step.plan and state_of(filing).stopped else step.label}：{filing.institution.name}",
            "no": filing.no,
        }
        for filing in filings
        for step in available_steps(filing, user)
        if step.matter == matter.key
    ]
    if not matter.kind:
        return links, []
    busy = {filing.institution_id for filing in filings if filing.status in OPEN_FILING}
    live = {filing.institution_id for filing in filings if filing.status in LIVE_FILING}
    free = [place for place in institutions if place.status == "ACTIVE" and place.pk not in busy]
    if matter.kind == FilingKind.REFILE:
        return links, [place for place in free if place.pk in live]
    if matter.key == "home":
        free = [place for place in free if place.nature == Nature.HOME]
    return links, [place for place in free if place.pk not in live]
