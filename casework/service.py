"""What each way of serving a letter demands (卫生健康行政处罚程序规定 第五十三条至第五十七条; domain-2.md B2.5). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from yancheng_childcare.problems import Problem

from . import codes
from .choices import ServiceWay

LABELS = {
    "received_by": "签收人",
    "relation": "签收人与受送达人的关系",
    "witness": "见证人（基层组织或者所在单位的代表）",
    "left_because": "拒收的理由和日期",
    "pictures": "留置过程的照片或者录像",
    "entrusted_to": "受委托的卫生健康行政机关",
    "tracking_no": "邮件编号",
    "confirmation": "受送达人事先签署的电子送达确认书",
    "arrived_at": "到达的系统",
    "published_at": "公告刊登的地方",
}
# way → sets of facts, one of which must be complete.
DEMANDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    ServiceWay.DIRECT: (("received_by", "relation"),),
    ServiceWay.LEFT: (("witness", "left_because"), ("pictures", "left_because")),
    ServiceWay.ENTRUSTED: (("entrusted_to", "received_by"),),
    ServiceWay.POST: (("tracking_no",),),
    ServiceWay.ELECTRONIC: (("confirmation", "arrived_at"),),
    ServiceWay.NOTICE: (("published_at",),),
}
NOTICE_DAYS = 30  # 公告送达：自发布之日起三十日视为送达（民事诉讼法 第九十五条 [K]）


def problems_of(way: str, facts: Mapping[str, str], served_on: date, *, signed_on: date, today: date) -> list[Problem]:
    """Everything that is wrong with a service: an unknown way, what it demands, the day. [] when it holds."""
    if way not in DEMANDS:
        return [Problem(codes.SERVICE, "way", "请选择送达方式。")]
    found = []
    known = {name for name, value in facts.items() if str(value).strip()}
    if not any(set(demand) <= known for demand in DEMANDS[way]):
        lacking = [[LABELS[name] for name in demand if name not in known] for demand in DEMANDS[way]]
        words = "；或者".join("、".join(names) for names in lacking)
        name = next(name for name in DEMANDS[way][0] if name not in known) if set(DEMANDS[way][0]) - known else "way"
        found.append(Problem(codes.SERVICE, name, f"{ServiceWay(way).label}要写明{words}。"))
    if served_on > today:
        found.append(Problem(codes.SERVICE, "served_on", "送达日期不能晚于今天。"))
    if served_on < signed_on:
        found.append(Problem(codes.SERVICE, "served_on", "送达日期不能早于文书的签发日期。"))
    if way == ServiceWay.NOTICE and served_on < signed_on + timedelta(days=NOTICE_DAYS):
        found.append(Problem(codes.SERVICE, "served_on", f"公告满 {NOTICE_DAYS} 日才视为送达。"))
    return found
