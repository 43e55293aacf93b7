"""The blocks of a page as they are read: rows and tables in Chinese, stale or not, with their source and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from casework.documents.wording import chinese_date

from ...choices import PublicStatus
from ..blocks import INSTITUTION, TITLES
from ..city_figures import city_figures
from ..closing import tag
from ..detail import Detail
from .history import settled
from .refuted import mark_refuted

Row = dict[str, Any]
# The part of 怎么看懂机构信息 that explains each block.
GUIDE = {
    "standing": "status", "closing": "status", "safety": "gates", "inspections": "inspection", "supervision": "supervision",
    "fees": "money",
    "classes": "class", "staff": "people", "service": "service", "registration": "registration", "changes": "changes",
    "committee": "committee", "contact": "authority",
}  # fmt: skip
# A paper that runs out within these days is shown as such; the institution is reminded earlier.
SOON_DAYS = 30
# The light of a finding, by what became of it.
FINDING_LIGHTS = {
    "FIXED": "green", "CORRECTED": "green", "ORDERED": "yellow", "RECTIFYING": "yellow", "OVERDUE": "red",
    "PENDING": "yellow", "ADVICE": "plain", "GONE": "grey",
}  # fmt: skip
logger = structlog.get_logger("portal.public")


@dataclass(slots=True)
class ShownBlock:
    """One block: summary rows, at most one table, at most one timeline, or the sentence that says why there is none."""

    name: str
    title: str
    reported: bool
    source: str
    confirmed_on: date | None
    stale: bool
    empty: str
    report_url: str
    rows: list[Row] = field(default_factory=list)
    columns: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    links_title: str = ""
    note: str = ""

    @property
    def guide(self) -> str:
        """Where its words are explained."""
        return f"{reverse('public:how-to-read')}#{GUIDE[self.name]}"


def row(label: str, value: Any, note: str = "", light: str = "") -> Row:
    """One line of a summary list; empty values are left out by `kept`."""
    return {"label": label, "value": "" if value is None else str(value), "note": note, "light": light}


def receipt_row(receipt_no: str, issued_on: str | None) -> Row:
    """The receipt's number with its day and the way to check it."""
    found = row("备案回执编号", receipt_no, f"{issued_on} 出具" if issued_on else "")
    if receipt_no:
        found |= {"change_url": reverse("filing:verify", args=[receipt_no]), "change_text": "核验"}
    return found


def kept(rows: list[Row]) -> list[Row]:
    """Without the empty ones."""
    return [line for line in rows if line["value"]]


def people(number: Any) -> str:
    """`7 人`, or nothing."""
    return f"{number} 人" if number else ""


def fee_words(amount: Any) -> str:
    """An amount of yuan without idle zeros: `1,980`."""
    return f"{float(amount):,.2f}".removesuffix(".00")


def yes_no(value: bool | None) -> str:
    """是, 否 or nothing."""
    return {True: "是", False: "否"}.get(value, "") if value is not None else ""


def day_of(text: Any) -> date | None:
    """A day from JSON."""
    return date.fromisoformat(text) if text else None


def shown_blocks(
    detail: Detail, today: date, changes: list[Any], others: Iterable[dict[str, Any]] = ()
) -> list[ShownBlock]:
    """Every block of the page in reading order; `changes` are the last public changes, `others` open institutions nearby."""
    found = []
    for name, title in TITLES.items():
        content = detail.content.get(name)
        if name == "changes":
            content = {"kind": "OFFICIAL", "source": "本平台记录", "confirmed_on": None, "facts": {}, "empty": ""}
            if changes:
                content["confirmed_on"] = timezone.localdate(changes[0].occurred_at).isoformat()
            else:
                content["empty"] = "还没有变更记录。"
        if content is None:
            continue
        confirmed = day_of(content["confirmed_on"])
        reported = content["kind"] == INSTITUTION
        block = ShownBlock(
            name=name,
            title=title,
            reported=reported,
            source=content["source"],
            confirmed_on=confirmed,
            stale=is_stale(confirmed, today) if reported and name != "closing" else False,
            empty=content["empty"],
            report_url=f"{reverse('public:report-error', args=[detail.uscc])}?block={name}",
        )
        if name == "changes":
            block.events = [
                {"at": c.occurred_at, "title": c.title.split("：", 1)[-1], "text": words}
                for c, words in settled(changes)
            ]
        elif content["facts"]:
            try:
                SHOWN[name](block, content["facts"], today)
                block.note = f"{mark_refuted(block.rows, content['facts'])}{block.note}"
            except (KeyError, TypeError, ValueError):
                # Written by another release: one block waits for the night, the page stays up.
                logger.warning("block_of_another_form", block=name, uscc=detail.uscc)
                block.rows, block.lines, block.empty = [], [], "这一栏正在更新，请明天再看，或直接向备案机关了解。"
        if name == "closing":
            block.links_title = "附近还有余位的机构"
            block.links = [
                {
                    "url": reverse("public:institution", args=[other["uscc"]]),
                    "text": other["name"],
                    "note": f"{other['address']}，余位 {other['places_free']} 个（机构填报）",
                }
                for other in others
            ]
        found.append(block)
    return found


def is_stale(confirmed: date | None, today: date) -> bool:
    """Whether the institution has not confirmed for longer than `PUBLIC_STALE_DAYS`."""
    return confirmed is not None and confirmed < today - timedelta(days=settings.PUBLIC_STALE_DAYS)


def registered(facts: dict[str, Any]) -> str:
    """The state of the registration in words."""
    text = facts["registration_text"]
    return f"登记{text}" if facts["registration"] == "ACTIVE" else f"登记已{text}"


def _standing(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    block.rows = kept(
        [
            row("登记", registered(facts), facts.get("registered_with", "")),
            row("备案", "没有查到备案记录", light="yellow")
            if facts["status"] == PublicStatus.UNFILED
            else row("备案", ""),
            row("备案日期", facts["filed_on"], _two_days(facts)),
            receipt_row(facts["receipt_no"], facts.get("receipt_on")),
            row(
                "国家系统备案编号",
                facts["national_filing_no"],
                "与本平台的回执编号分别编排" if facts["receipt_no"] else "",
            ),
            row("备案机关", facts["authority"] if facts["filed_on"] or facts["receipt_no"] else ""),
            row("预计停业至", facts["suspended_until"]),
            row("终止日期", facts["ended_on"]),
            row("责令改正期限", facts.get("rectify_by")),
        ]
    )
    for reason in facts["reasons"]:
        block.rows.append(row(f"不符合：{reason['title']}", reason["finding"], f"依据：{reason['clause']}"))


def _two_days(facts: dict[str, Any]) -> str:
    """Why the day of filing is not that of the receipt."""
    if not facts["filed_on"] or facts.get("receipt_on") in (None, facts["filed_on"]):
        return ""
    if facts["national_filing_no"]:
        return "首次在国家系统备案的日期；本平台的回执是后来出具的"
    return "首次备案的日期；现在的回执是后来换发的"


def _closing(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    for plan in facts["plans"]:
        block.rows += kept(
            [
                row("停止服务", plan["from_day"], tag(plan, today)),
                row("预计恢复", plan["until_day"]),
                row("原因", plan["reason"]),
                row("告知家长", plan["parents_told_on"]),
                row("安置去向", plan["placement"] or "机构还没有填写，请向机构了解"),
                row("退费联系方式", plan["refund_contact"]),
            ]
        )
    block.note = "退费、转托有困难的，请拨打监督电话反映。"


def _safety(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    for gate in facts["gates"]:
        until = day_of(gate["valid_to"])
        days = "，".join(
            part for part in (f"出具 {gate['issued_on']}" if gate["issued_on"] else "",
                              f"有效至 {gate['valid_to']}" if gate["valid_to"] else "") if part
        )  # fmt: skip
        if gate["state"] == "NOT_APPLICABLE":
            block.rows.append(row(gate["name"], "不适用", gate["paper"], "grey"))
        elif gate["state"] == "MISSING":
            block.rows.append(row(gate["name"], "没有材料", "备案时未提交这项材料", "yellow"))
        elif gate["state"] == "REFUTED":
            block.rows.append(
                row(gate["name"], "核实发现不符", f"{gate['paper']}，{days}" if days else gate["paper"], "red")
            )
        elif until is not None and until < today:
            block.rows.append(row(gate["name"], "已过期", f"{gate['paper']}，{days}", "red"))
        elif until is not None and until <= today + timedelta(days=SOON_DAYS):
            block.rows.append(row(gate["name"], "即将到期", f"{gate['paper']}，{days}", "yellow"))
        else:
            block.rows.append(
                row(gate["name"], "有材料", f"{gate['paper']}，{days}" if days else gate["paper"], "green")
            )
    if block.rows:
        block.note = "材料由备案机关在备案时核对。材料齐全不等于现场没有隐患，现场情况见“现场核实”。"


def _inspections(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    block.events = [{"at": day_of(v["on"]), "title": v["kind"], "text": v["result"]} for v in facts["visits"]]


def _supervision(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    for one in facts["results"]:
        counted = f"查看 {one['looked']} 项，不符合 {one['not_met']} 项"
        block.events.append(
            {
                "at": day_of(one["on"]),
                "title": f"{one['kind']}：{one['result_text']}",
                "who": one["body"],
                "text": f"{one['matter']}，{counted}。{chinese_date(date.fromisoformat(one['published_on']))}公开，编号 {one['no']}。",
                "points": [
                    {"text": item["text"], "light": FINDING_LIGHTS[item["state"]], "word": item["state_text"]}
                    for item in one["findings"]
                ],
            }
        )
    if block.events:
        block.note = "只公开各部门本领域的检查结果，展示 3 年；更早的可以依申请公开。"


def _fees(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    median = city_figures()["fee_median"]
    for item in facts["items"]:
        note = f"全市中位数 {median:,} 元/月" if median and item["unit"] == "元/月" and "全日" in item["name"] else ""
        block.rows.append(row(item["name"], f"{fee_words(item['amount'])} {item['unit']}", note))
    prepaid = facts["prepaid_months"]
    # What is not disclosed is itself shown (B13).
    words = "没有填报" if prepaid is None else f"{prepaid} 个月"
    block.rows.append(row("一次最多预收", words, "预交越多，停业时退费风险越大"))
    block.note = "交费前请看公示的收费项目和退费办法，索要发票，保管好合同。"


def _classes(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    names = ("班级", "班型", "实际月龄", "托位", "在托", "标准：每班最多", "标准：每名保育人员最多")
    block.columns = [{"label": name} for name in names]
    for one in facts["classes"]:
        youngest, oldest = one["youngest_months"], one["oldest_months"]
        ages = "" if youngest is None or oldest is None else f"{youngest}–{oldest} 个月"
        most = people(one["children_per_carer_at_most"]) + ("（平台约定）" if one.get("ratio_agreed") else "")
        values = (one["type"], ages, one["places"], one["enrolled"], people(one.get("children_at_most")), most)
        block.lines.append(line(one["name"], *zip(names[1:], values, strict=True)))
    figures = city_figures()
    mean, size = figures["children_per_carer"], figures["children_per_class"]
    if facts["children_per_carer"] is not None:
        note = f"全市平均 1:{mean}。{facts['standard']}" if mean else facts["standard"]
        words = f"1:{facts['children_per_carer']}（在岗保育人员 {facts['carers']} 人，在托 {facts['enrolled']} 人）"
        block.rows = [row("保育人员与婴幼儿", words, note)]
    else:
        block.rows = [row("保育人员与婴幼儿", "没有可以上岗的保育人员登记", facts["standard"])]
    if facts.get("children_per_class") is not None:
        note = f"全市平均 {size} 人" if size is not None else ""
        block.rows.append(row("平均每班在托", f"{facts['children_per_class']} 人", note))


def _staff(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    share = city_figures()["certified_share"]
    roles = "，".join(f"{part['role']} {part['number']} 人" for part in facts["roles"])
    education = "，".join(f"{part['level']} {part['number']} 人" for part in facts["education"])
    note = f"全市平均 {share:.0%}" if share is not None else ""
    block.rows = kept(
        [
            row("在岗人员", f"{facts['total']} 人", roles),
            row("持证保育人员", f"{facts['certified_carers']} 人（保育人员共 {facts['carers']} 人）", note),
            row("学历", education),
            row("平均在岗", f"{facts['average_years']} 年"),
        ]
    )


def _service(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    days = facts["recording_days"]
    block.rows = kept(
        [
            row("对外电话", facts.get("phone")),
            row("开放时间", facts.get("opening_hours")),
            row("服务形式", "、".join(facts["modes"])),
            row("托位总数", f"{facts['capacity_total']} 个" if facts.get("capacity_total") else ""),
            row("供餐", facts["meals"]),
            row(
                "普惠",
                *(
                    ("机构申报", "是否认定，以县（市、区）公布的名单为准")
                    if facts["inclusive_applied"]
                    else ("未申报",)
                ),
            ),
            row("品牌", facts["brand"]),
            row("室外活动场地", f"{facts['outdoor_area']} 平方米" if facts["outdoor_area"] else ""),
            row("生活用房楼层", "、".join(facts["floors"])),
            row(
                "监控全覆盖",
                yes_no(facts["monitoring"]),
                f"录像保存 {days} 天（要求不少于 90 天）" if days is not None else "",
            ),
            row("一键式报警", yes_no(facts["alarm"])),
            row("托育机构责任险", yes_no(facts["insurance"])),
        ]
    )


def _registration(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    block.rows = [row(one["label"], one["value"]) for one in facts["rows"]]


def _committee(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    block.rows = kept([row("家长委员会", {True: "已成立", False: "还没有成立"}.get(facts["founded"], ""))])


def _contact(block: ShownBlock, facts: dict[str, Any], today: date) -> None:
    block.rows = kept(
        [
            row("地址", facts["address"]),
            row("机构负责人", facts["principal"]),
            row("备案机关", facts["authority"]),
            row("监督电话", facts["hotline"]),
        ]
    )
    # Penalties and bad faith are published in one place, which is not here (国办发〔2025〕22号).
    block.note = "行政处罚和失信信息，请到“信用中国”或国家企业信用信息公示系统查询。"


def line(first: str, *cells: tuple[str, Any]) -> Row:
    """One row of a table: the heading cell and (label, value) of the others."""
    others = [{"label": label, "value": "" if value is None else str(value)} for label, value in cells]
    return {"cells": [{"value": first}, *others]}


SHOWN: dict[str, Callable[[ShownBlock, dict[str, Any], date], None]] = {
    "standing": _standing,
    "closing": _closing,
    "safety": _safety,
    "inspections": _inspections,
    "supervision": _supervision,
    "fees": _fees,
    "classes": _classes,
    "staff": _staff,
    "service": _service,
    "registration": _registration,
    "committee": _committee,
    "contact": _contact,
}
