"""约谈: invited by letter, the clock runs from its service, the institution comes, a chief signs the end."""

from dataclasses import dataclass
from typing import Annotated, Any

from casework.cases import CaseType, Opened
from casework.models import Case
from casework.reach import by_the_table, in_area, own
from casework.types import SYSTEM, CaseStep, Clock, LetterForm, Reach, Result, Rung, Second, State, Tell
from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Why, area, line
from yancheng_childcare.models import Department

from .models import Talk

OPERATOR, REVIEWER, CHIEF = (frozenset({role.value}) for role in (Role.OPERATOR, Role.REVIEWER, Role.CHIEF))
MACHINE = frozenset({SYSTEM})
DUE = Clock("DL-TALK", "前来约谈", 5, "[A]", on_service=True, rungs=(
    Rung(-1, (Tell(Role.OPERATOR, "约谈快到期", "{no} 请于{due}前来。"),)), Rung(1, step="lapse")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitation:
    uscc: Annotated[str, line("统一社会信用代码", 18)]
    matter: Annotated[str, area("约谈事项", 300, at_least=4)]


@dataclass(frozen=True, slots=True)
class Words:
    words: Annotated[str, area("情况说明", 300, at_least=4)]


def begin(asked: Invitation, actor: Any) -> Opened:
    place = Institution.objects.select_related("region").get(uscc=asked.uscc)
    authority = Department.objects.get(kind="HEALTH", region=place.region)
    return Opened("INSTITUTION", place.name, place.region, authority, subject_id=place.uscc, uscc=place.uscc,
                  body={"matter": asked.matter})  # fmt: skip


def keep_words(case: Case, actor: Any, data: dict[str, Any]) -> None:
    case.body.came = data["asked"].words


LETTER = LetterForm(
    "TALK", "约谈通知书", "约", lambda case: {"paragraphs": (f"请你单位就{case.body.matter}前来约谈。",)}
)
OPEN = frozenset({"INVITED", "COMING", "CAME", "ABSENT"})

TALK = CaseType(
    "TALK", "约谈", "YC-YT",
    opening=CaseStep("invite", "约谈机构", frozenset(), "INVITED", by=REVIEWER, may=in_area(Role.REVIEWER), asks=Invitation,
                     letter=LETTER, starts=(DUE,), tells=(Tell(Role.OPERATOR, "请来约谈", "{no} 请签收通知书。"),)),
    states={
        "INVITED": State("yellow", Role.OPERATOR, "签收约谈通知书", label="待签收"),
        "COMING": State("yellow", Role.OPERATOR, "前来约谈", label="待约谈"),
        "CAME": State("yellow", Role.REVIEWER, "办结约谈", label="待办结"),
        "ABSENT": State("red", Role.REVIEWER, "处理没有前来的", label="没有前来"),
        "DONE": State("green", label="已办结"),
    },
    rows=[
        CaseStep("served", "已送达", frozenset({"INVITED"}), "COMING", by=MACHINE, may=by_the_table, on="letter.served"),
        CaseStep("come", "提交说明", frozenset({"COMING", "ABSENT"}), "CAME", by=OPERATOR, may=own, asks=Words,
                 effect=keep_words, stops=("*",)),
        CaseStep("lapse", "逾期没有前来", frozenset({"COMING"}), "ABSENT", by=MACHINE, may=by_the_table, stops=("*",)),
        CaseStep("finish", "办结", frozenset({"CAME"}), "DONE", by=REVIEWER, may=in_area(Role.REVIEWER), asks=Why,
                 signed=Second(CHIEF), result="TALKED", tells=(Tell(Role.OPERATOR, "约谈已办结", "{no} {reason}"),)),
        CaseStep("ended", "机构终止", OPEN, "DONE", by=MACHINE, may=by_the_table, on="institution.ended", stops=("*",),
                 result="GONE"),
    ],
    results={"TALKED": Result("已约谈"), "GONE": Result("机构已终止")},
    readers=Reach(area=REVIEWER | CHIEF, own=OPERATOR),
    begin=begin, facts=lambda case: [("约谈事项", case.body.matter), ("机构说明", case.body.came)], body=Talk,
)  # fmt: skip
