"""Which incident is told to whom and how fast (domain-2.md C3). Pure; hours run through nights and holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .choices import IncidentKind, ToldTo

VIDEO_DAYS = 90  # natural days after which recordings are overwritten
ONE_DAY, THREE_DAYS = 3, 5  # similar cases in one class that make a cluster: in a day, in three days
AGES = r"^[0-9个月周岁半、，,；; 至-]*$"  # no name fits in


@dataclass(frozen=True, slots=True)
class Duty:
    """`hours` 0: at once. `to` must be told, `also` may; `first`: what to do before anything else."""

    hours: int
    to: tuple[ToldTo, ...]
    first: str
    basis: str
    also: tuple[ToldTo, ...] = ()
    call: str = ""

    @property
    def at_once(self) -> bool:
        """Reported before anything is written down."""
        return self.hours == 0


DUTIES: dict[str, Duty] = {
    IncidentKind.ABUSE: Duty(
        0, (ToldTo.POLICE, ToldTo.HEALTH), "先让孩子脱离危险、需要的送医，保留衣物和录像，不要自行反复询问孩子。",
        "《未成年人保护法》第十一条（强制报告）", also=(ToldTo.CIVIL, ToldTo.EDU, ToldTo.GUARDIAN), call="110",
    ),
    IncidentKind.DOMESTIC: Duty(
        0, (ToldTo.POLICE,), "先照看好孩子，及时报警；不要当面质问家长。",
        "《托育机构管理规范（试行）》第二十五条（及时报告公安机关）", also=(ToldTo.HEALTH, ToldTo.CIVIL), call="110",
    ),
    IncidentKind.LOST: Duty(
        0, (ToldTo.POLICE, ToldTo.GUARDIAN), "先报警、通知监护人，关好出入口，调看录像。", "[A]", also=(ToldTo.HEALTH,), call="110",
    ),
    IncidentKind.ACCIDENT: Duty(
        1, (ToldTo.EMERGENCY, ToldTo.HEALTH), "先救人、打 120，保护现场；在场人员立即报告负责人。",
        "《生产安全事故报告和调查处理条例》第九条", also=(ToldTo.POLICE, ToldTo.GUARDIAN), call="120",
    ),
    IncidentKind.FIRE: Duty(
        0, (ToldTo.FIRE,), "先把孩子疏散到安全地点并清点人数，再灭火。", "《消防法》第四十四条",
        also=(ToldTo.HEALTH, ToldTo.GUARDIAN), call="119",
    ),
    IncidentKind.FOOD: Duty(
        2, (ToldTo.MARKET, ToldTo.HEALTH), "先停止供餐、送医，封存食品和留样。",
        "《食品安全法》第一百零三条；国家食品安全事故应急预案（2 小时）", also=(ToldTo.CDC, ToldTo.GUARDIAN), call="120",
    ),
    IncidentKind.EMERGENCY: Duty(
        0, (ToldTo.GOVERNMENT, ToldTo.HEALTH, ToldTo.CDC), "先隔离有症状的人，停止聚集活动。",
        "《突发公共卫生事件应对法》（立即报告）", call="120",
    ),
    IncidentKind.CLUSTER: Duty(
        24, (ToldTo.CDC, ToldTo.HEALTH), "先隔离有症状的孩子，请监护人带诊，做好消毒。",
        "《学校和托幼机构传染病疫情报告工作规范（试行）》", also=(ToldTo.GUARDIAN,),
    ),
    IncidentKind.INJURY: Duty(
        24, (ToldTo.GUARDIAN, ToldTo.HEALTH), "先送医，当天告知监护人，填写伤害登记。", "[A]", call="120",
    ),
}  # fmt: skip
#: Of these the police of the area read in the portal.
FOR_POLICE = (IncidentKind.ABUSE, IncidentKind.LOST)


def is_cluster(cases: Sequence[int]) -> bool:
    """Whether new cases of one class, day by day, reach what must be reported: three in a day, five in three days."""
    return any(
        cases[day] >= ONE_DAY or sum(cases[max(0, day - 2) : day + 1]) >= THREE_DAYS for day in range(len(cases))
    )


def due_moment(kind: str, found_at: datetime, cases: Sequence[int] = ()) -> datetime | None:
    """By when it must be told, counted from when it was found; None for cases that make no cluster."""
    if kind == IncidentKind.CLUSTER and not is_cluster(cases):
        return None
    return found_at + timedelta(hours=DUTIES[kind].hours)


def overwritten_from(happened_on: date) -> date:
    """From which day the recording of that day is overwritten unless it was locked."""
    return happened_on + timedelta(days=VIDEO_DAYS)
