"""One small form per decision: what is asked, what it means, what the button says. Data, read by the one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django import forms

from yancheng_childcare.problems import Problem

from ...choices import PauseReason
from ...codes import filing as codes
from ...registration.forms import RawForm
from ...rules.filing.sections import BY_NAME
from ...rules.values import as_day
from .. import review
from .lookup import storable

MOST_ROWS = 40
ROW = ("item", "finding", "clause", "how_to_fix", "rule_id")
# (longest, Chinese name) of what is typed in a row.
ROW_LIMITS = {"finding": (300, "不符合的内容"), "clause": (200, "依据"), "how_to_fix": (300, "怎么改")}


def area(label: str, hint: str, limit: int = 500, rows: int = 4) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "maxlength": limit + 20})
    return forms.CharField(label=label, help_text=hint, max_length=limit, widget=widget)


def line(label: str, hint: str = "", limit: int = 100, *, required: bool = True) -> forms.CharField:
    """One line of text."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": limit + 20})
    return forms.CharField(label=label, help_text=hint, max_length=limit, required=required, widget=widget)


def day(label: str, hint: str) -> forms.CharField:
    """A date as text, never picker-only."""
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20})
    return forms.CharField(label=label, help_text=hint, max_length=10, widget=widget)


@dataclass(frozen=True, slots=True)
class Decision:
    """One step a person decides on a page of its own. `part` names what is shown to decide on."""

    consequence: str
    button: str
    fields: tuple[tuple[str, forms.Field], ...] = ()
    part: str = ""


_OFFICERS = ("officers", forms.MultipleChoiceField(label="核实人员", widget=forms.CheckboxSelectMultiple))
_PLANNED_ON = ("planned_on", day("计划核实日期", "从今天起，不晚于告知不符合的最后一天，格式：2026-11-23"))
_REASON = "不少于 4 个字；理由会告知机构并留存，不写个人信息"
DECISIONS: dict[str, Decision] = {
    "propose_reject": Decision(
        "不予收件只用于不属于备案范围或不属于本辖区的情形；材料不齐的应当一次性告知补正，不能不予收件。"
        "提请后由负责人签批，签批前不发给机构。",
        "提请负责人签批",
        (
            ("reason", area("不予收件的理由", _REASON)),
            ("clause", line("依据", "文件名称和条款", 200)),
            ("competent", line("应当去的机关", "例如：盐都区卫生健康委员会", 100)),
        ),
        "proposal",
    ),
    "reject": Decision("签批后本件办结，告知书立即发给机构。", "作出不予收件决定", part="proposal"),
    "verify": Decision(
        "指派后，核实人员会收到任务，机构会收到通知。核实人员至少 2 人，与机构有关联的应当回避。",
        "指派现场核实",
        (_OFFICERS, _PLANNED_ON),
    ),
    "reassign": Decision(
        "办理后，换下的、新派的和继续承担的核实人员以及机构都会收到通知。有人被换下的，已填的结果作为此前记录留存，"
        "由现在的核实人员逐项重新核实；没有人被换下的，已填的结果继续有效。",
        "改派或改期",
        (
            _OFFICERS,
            _PLANNED_ON,
            ("reason", area("改派或改期的理由", "不少于 4 个字；随案留存，不发给机构，不写健康等个人信息")),
        ),
        "visit",
    ),
    "confirm": Decision(
        "确认后备案状态变为“已备案”，公开页面随即更新，托位计入统计。", "确认核实符合", part="site_check"
    ),
    "propose_nonconform": Decision(
        "提请后由负责人签批。签批前不发给机构，也不公开。每一条都要写明依据的文件和条款。",
        "提请负责人签批",
        (("reason", area("提请的说明", "写给负责人，不少于 4 个字；不发给机构")),),
        "site_check",
    ),
    "nonconform": Decision(
        "签发后告知书立即发给机构，责令限期改正；机构名称、理由摘要和期限向社会公开。",
        "作出不符合决定",
        part="nonconforming",
    ),
    "propose_refusal": Decision(
        "提请后由负责人签批。签批后原备案继续有效，本次变更的内容全部退回。",
        "提请负责人签批",
        (("reason", area("不予变更的理由", _REASON)), ("clause", line("依据", "文件名称和条款，写进决定书", 200))),
        "proposal",
    ),
    "refuse_change": Decision(
        "签批后原备案继续有效，机构本次填报的变更全部退回到变更前的内容；决定书立即发给机构。",
        "作出不予变更决定",
        part="proposal",
    ),
    "pause": Decision(
        "暂停后各项办理时限停止计算，事由显示在机构的办理进度中；恢复后继续计算，暂停的天数顺延。",
        "暂停计时",
        (
            (
                "cause",
                forms.ChoiceField(label="暂停的事由", choices=list(PauseReason.choices), widget=forms.RadioSelect),
            ),
        ),
    ),
    "resume": Decision("恢复后各项办理时限继续计算，暂停的天数顺延。", "恢复计时", part="clocks"),
    "cancel": Decision(
        "注销后备案终止，回执失效，公开页面显示“备案已注销”，并通知有关部门。注销不能撤回。",
        "注销这份备案",
        (("reason", area("注销的理由", "不少于 4 个字，最多 300 字；会告知机构并留存", 300)),),
        "closure",
    ),
    "propose_rescind": Decision(
        "撤销用于查实以欺骗等不正当手段取得备案的情形。提请后先由法制审核，再由负责人签批；三个步骤须由不同的人办理。",
        "提请撤销备案",
        (
            ("reason", area("撤销的理由", "写明查实的事实和证据；会告知机构并留存，不写个人信息")),
            ("clause", line("依据", "文件名称和条款，写进决定书", 200)),
        ),
        "proposal",
    ),
    "legal_review": Decision(
        "审核意见随案留存。不同意的，负责人不能签批撤销。",
        "提交审核意见",
        (
            (
                "agrees",
                forms.ChoiceField(
                    label="审核结论", choices=[("yes", "同意撤销"), ("no", "不同意撤销")], widget=forms.RadioSelect
                ),
            ),
            ("reason", area("审核意见", "事实、证据、程序和依据是否成立，不少于 4 个字")),
        ),
        "proposal",
    ),
    "rescind": Decision(
        "撤销后备案自始不再有效，回执作废，公开页面和扫码核验显示“备案已撤销”，并通知有关部门；"
        "决定书立即发给机构。撤销不能撤回。",
        "作出撤销备案决定",
        part="proposal",
    ),
    "refuse_proposal": Decision(
        "不同意后提议作废，案件停在原处，由受理人员重新办理。",
        "不同意这个提议",
        (("reason", area("不同意的理由", "不少于 4 个字，会告知提出人并留存")),),
        "proposal",
    ),
}  # fmt: skip
# Steps that have a page with the whole letter of their own.
LETTER_PAGES = {
    "return": "filing:notice",
    "propose_return": "filing:notice",
    "return_again": "filing:notice",
    "return_change": "filing:notice",
    "receipt": "filing:issue",
    "approve_change": "filing:issue",
}


class DecisionForm(RawForm):
    """The fields of one decision; `officers` are those who may be chosen."""

    def __init__(self, decision: Decision, *args: Any, officers: Iterable[tuple[str, str]] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields = {name: deepcopy(field) for name, field in decision.fields}
        chooser: Any = self.fields.get("officers")
        if chooser is not None:
            chooser.choices = list(officers)

    def read(self, found: list[Problem]) -> dict[str, Any]:
        """What was typed as the step takes it; text the database cannot keep is left out with the reason in `found`."""
        out: dict[str, Any] = {}
        for name, field in self.fields.items():
            raw = self.cleaned_data.get(name)
            if name == "planned_on":
                out[name] = as_day(raw)
            elif name == "agrees":
                out[name] = {"yes": True, "no": False}.get(str(raw))
            elif isinstance(field, forms.MultipleChoiceField):
                out[name] = list(raw or [])
            elif isinstance(field, forms.ChoiceField):
                out[name] = str(raw or "")
            else:
                out[name] = storable(name, raw, str(field.label), field.max_length, found)  # type: ignore[attr-defined]  # only CharField is left
        return out


class ItemRowsForm(RawForm):
    """The lines of a letter about what does not conform, as many as are wanted; an emptied line is left out."""

    def __init__(self, *args: Any, rows: int, items: Iterable[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = list(items)
        self.count = min(max(rows, 1), MOST_ROWS)
        for number in range(1, self.count + 1):
            self.fields[f"item-{number}"] = forms.ChoiceField(
                label="哪一项", choices=choices, help_text="告知后，机构可以修改这一项"
            )
            self.fields[f"finding-{number}"] = area("不符合的内容", "写明事实和数字，不写个人信息", 300, 3)
            self.fields[f"clause-{number}"] = line("依据", "文件名称和条款", 200)
            self.fields[f"how_to_fix-{number}"] = line("怎么改", limit=300, required=False)
            self.fields[f"rule_id-{number}"] = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The bound fields row by row, for the template."""
        return [
            {"number": number, "fields": [self[f"{name}-{number}"] for name in ROW]}
            for number in range(1, self.count + 1)
        ]

    def read(self, found: list[Problem]) -> list[dict[str, str]]:
        """The lines that say something, each with what is missing in it."""
        out = []
        for number in range(1, self.count + 1):
            typed = {name: str(self.cleaned_data.get(f"{name}-{number}") or "") for name in ROW}
            if not any(typed[name].strip() for name in ROW_LIMITS):
                continue
            texts = {
                name: storable(f"{name}-{number}", typed[name], label, limit, found)
                for name, (limit, label) in ROW_LIMITS.items()
            }
            known = {key for key, _ in self.fields[f"item-{number}"].choices}  # type: ignore[attr-defined]  # a ChoiceField
            if typed["item"] not in known:
                found.append(Problem(codes.FILING_CHOICE, f"item-{number}", f"第 {number} 条：请选择是哪一项。"))
            for name in ("finding", "clause"):
                if not texts[name] and not any(p.field == f"{name}-{number}" for p in found):
                    words = f"第 {number} 条：请写明{ROW_LIMITS[name][1]}。"
                    found.append(Problem(codes.NONCONFORM_REASON, f"{name}-{number}", words))
            rule_id = "".join(c for c in typed["rule_id"] if c.isascii() and (c.isalnum() or c == "-"))[:16]
            out.append({**texts, "item": typed["item"], "rule_id": rule_id})
        return out


def row_initial(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Prefilled lines as initial values of the form."""
    return {f"{name}-{number}": str(row[name]) for number, row in enumerate(rows, 1) for name in ROW}


def letter_items() -> list[tuple[str, str]]:
    """What a line may be about: the sections an institution can edit, then every document, handed in or not."""
    sections = [(name, section.title) for name, section in BY_NAME.items() if name not in {"materials", "pledge"}]
    return [*sections, *((code, review.title_of(code)) for code in review.DOCUMENTS)]
