"""Inspections of the demo city in every state, lived through by the real steps on the days they would have been taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from casework.cases import open_case, take
from casework.letters import release
from casework.models import Case, Letter
from casework.serving import serve
from registry.demo.accounts import OWN_INSTITUTIONS
from registry.models import Institution
from registry.signals import institution_changed
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

from .demo_scenes import FACTS, PARTS, REPORT, SCENES, STATES, Scene
from .found import Found
from .inspection import INSPECTION
from .letters import NOTICE, ORDER, RESULT
from .models import VisitItem
from .powers import may_judge
from .record import save_items

REGION = "320902"
MORNING = time(9, 30)


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """Live through a scene as if it were half past nine of that day; only for the command that loads the demo city."""
    day = timezone.localdate() - timedelta(days=max(days, 0))
    moment = timezone.make_aware(datetime.combine(day, MORNING))
    if days <= 0:
        yield
        return
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def play(users: dict[str, User]) -> int:
    """Every scene once; returns how many were made."""
    if Case.objects.filter(type=INSPECTION.name).exists():
        return 0
    own = OWN_INSTITUTIONS["operator_xiaotaiyang"]
    rows = Institution.objects.active().filter(region=REGION).exclude(uscc=own).order_by("uscc")
    others = iter(rows.values_list("uscc", flat=True)[: len(SCENES)])
    made = 0
    for scene in SCENES:
        uscc = own if scene.own else next(others, "")
        if uscc and Institution.objects.active().filter(uscc=uscc).exists():
            _Play(scene, uscc, users).run()
            made += 1
    # Lived through on past days, shown as of today.
    touched = Case.objects.filter(type=INSPECTION.name).values("uscc")
    for pk in Institution.objects.filter(uscc__in=touched).values_list("pk", flat=True):
        institution_changed.send(Case, institution_id=pk, today=None)
    return made


class _Play:
    """One scene: who takes which step, on which day."""

    def __init__(self, scene: Scene, uscc: str, users: dict[str, User]) -> None:
        self.scene, self.uscc = scene, uscc
        self.one, self.two, self.head = (users[n] for n in ("inspector_tinghu1", "inspector_tinghu2", "head_tinghu"))
        self.fire, self.operator = users["receiver_fire"], users["operator_xiaotaiyang"]

    def run(self) -> None:
        """As far as the scene goes."""
        scene, ago = self.scene, self.scene.ago
        with days_ago(ago + 2):
            case = open_case(INSPECTION, self._asked(), actor=self.one)
            if self._to("APPROVED"):
                case = take(case, "approve", actor=self.head)
            if self._to("NOTIFIED"):
                case = take(case, "notify", actor=self.one)
        if self._to("ON_SITE"):
            with days_ago(ago + 1):
                self._hand_out(case, NOTICE.code)
            with days_ago(ago):
                self._look(case)
        if self._to("RECORDED"):
            with days_ago(ago):
                case = self._sign(case)
        if self._to("TOLD"):
            case = self._tell(case)
        if scene.until == "OBJECTED":
            with days_ago(ago - 4):
                take(case, "object", {"reason": "尿布台设在隔壁护理间，请再核对。"}, actor=self._owner())
        if scene.until == "PUBLISHED":
            with days_ago(ago - 16):
                take(case, "publish", actor=self.head)

    def _to(self, state: str) -> bool:
        return STATES.index(self.scene.until) >= STATES.index(state)

    def _asked(self) -> dict[str, Any]:
        officers = [user.certificates.get() for user in (self.one, self.two)]
        planned = timezone.localdate() + timedelta(days=2)
        return {
            "uscc": self.uscc, "kind": self.scene.kind, "source_ref": self.scene.source, "from_above": "",
            "matter": "HEALTH-01", "dimensions": list(PARTS), "officers": [str(one.pk) for one in officers],
            "planned_on": planned.isoformat(), "notice_mode": "ADVANCE", "reason": self.scene.why,
        }  # fmt: skip

    def _look(self, case: Case) -> None:
        """They come in and look: at everything, or, while they are still there, at the first dozen."""
        case = take(case, "arrive", {"entry": "OPERATOR", "entry_reason": ""}, actor=self.one)
        still = self.scene.until == "ON_SITE"
        lines = list(VisitItem.objects.filter(visit=case.pk).select_related("item"))
        found = {line.item.code: self._found(line) for line in lines[: 12 if still else None]}
        save_items(case, found, actor=self.one, expected_version=case.record_version)

    def _found(self, line: VisitItem) -> Found:
        code = line.item.code
        if not may_judge("HEALTH", line.item.fields):
            return Found(note=self.scene.seen.get(code, ""))
        if code in self.scene.wrong:
            return Found("NOT_MET", self.scene.wrong[code])
        return Found("MET")

    def _sign(self, case: Case) -> Case:
        words = {
            "facts": FACTS,
            "operator_words": "情况属实，会尽快整改。",
            "operator_name": "园长",
            "refusal": "",
            "witness": "",
        }
        case = take(Case.objects.get(pk=case.pk), "sign", words, actor=self.one)
        return take(Case.objects.get(pk=case.pk), "sign_sign", actor=self.two)

    def _tell(self, case: Case) -> Case:
        ago, scene = self.scene.ago, self.scene
        with days_ago(ago - 1):
            case = take(case, "conclude", {"result_class": "ORDERED" if scene.order else "PENDING"}, actor=self.one)
            if scene.order:
                lines = case.body.lines.filter(verdict="NOT_MET").values_list("pk", flat=True)
                case = take(case, "order", {"lines": [str(pk) for pk in lines]}, actor=self.one)
            if scene.referral:
                lines = case.body.lines.filter(verdict="", note__gt="").values_list("pk", flat=True)
                case = take(case, "refer", {"lines": [str(pk) for pk in lines]}, actor=self.one)
        with days_ago(ago - 2):
            self._hand_out(case, RESULT.code)
            if scene.order:
                self._put_right(case.children.get(type="RECTIFICATION"))
        if scene.referral == "HANDLED":
            with days_ago(ago - 3):
                sent = take(case.children.get(type="REFERRAL"), "accept", actor=self.fire)
            with days_ago(ago - 10):
                take(sent, "finish", {"reason": "已责令移开展板，现场复查安全出口畅通。"}, actor=self.fire)
        return case

    def _put_right(self, order: Case) -> None:
        """Served; then, for some, reported and looked at again by two."""
        ago = self.scene.ago
        self._hand_out(order, ORDER.code)
        if self.scene.order in {"SUBMITTED", "CLOSED"}:
            with days_ago(ago - 7):
                order = take(Case.objects.get(pk=order.pk), "submit", REPORT, actor=self._owner())
        if self.scene.order == "CLOSED":
            with days_ago(ago - 9):
                take(Case.objects.get(pk=order.pk), "pass", {"reason": "现场复查，问题已经改正。"}, actor=self.one)
                take(Case.objects.get(pk=order.pk), "sign_pass", actor=self.two)

    def _hand_out(self, case: Case, form: str) -> None:
        release()
        serve(Letter.objects.get(case=case, form=form), way="DIRECT", served_on=timezone.localdate(),
              facts={"received_by": "园长", "relation": "负责人"}, actor=self.one)  # fmt: skip

    def _owner(self) -> User:
        """Who acts for the institution: the demo operator for its own, nobody who can sign in for the others."""
        if self.scene.own:
            return self.operator
        granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
        hidden = User.objects.get(username="demo_operator")
        since = timezone.localdate() - timedelta(days=365)
        Duty.objects.update_or_create(
            user=hidden, role=Role.OPERATOR, uscc=self.uscc,
            defaults={"valid_from": since, "granted_by": granter, "approved_by": approver},
        )  # fmt: skip
        return User.objects.get(pk=hidden.pk)
