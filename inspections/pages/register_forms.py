"""What is typed into the registers, and what narrows their lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from registry.models import Institution
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import ListFilter, choice, text
from yancheng_childcare.forms import Worded, WordedForm
from yancheng_childcare.models import Department, Duty, User
from yancheng_childcare.pages.staff.forms import DAY
from yancheng_childcare.paging import as_key

from ..choices import Field
from ..models import EnforcementSubject, Matter, Officer, Tie

STATES = [("force", "有效"), ("waiting", "待批准"), ("ended", "已停用")]
LEAST = 4


class EndForm(WordedForm):
    """Why it ends."""

    reason = forms.CharField(label="理由", min_length=LEAST, max_length=200, help_text="留存备查")


class RegisterFilter(ListFilter):
    """A part of a name, and how a row stands."""

    NAMES: tuple[str, ...] = ()

    q = text("名称", 60, method="named")
    state = choice("状态", STATES, method="in_state")

    def named(self, rows: Any, name: str, value: str) -> Any:
        """A part of any of the names."""
        found = Q(pk__in=[])
        for path in self.NAMES:
            found |= Q(**{f"{path}__icontains": value})
        return rows.filter(found) if value else rows

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """In force, waiting, ended."""
        if not value:
            return rows
        if value == "ended":
            return rows.filter(ended_on__isnull=False)
        return rows.filter(ended_on__isnull=True, approved_by__isnull=value == "waiting")


class SubjectFilter(RegisterFilter):
    """Bodies, also by field."""

    NAMES = ("department__name", "announcement")
    field = choice("执法领域", Field.choices)


class MatterFilter(RegisterFilter):
    """Matters, also by field."""

    NAMES = ("name", "code", "basis")
    field = choice("执法领域", Field.choices)


class OfficerFilter(RegisterFilter):
    """Officers, also by the end of their certificates."""

    NAMES = ("user__display_name", "certificate_no")
    q = text("姓名或证号", 60, method="named")
    state = choice("状态", [*STATES, ("ending", "60 日内到期"), ("expired", "已到期")], method="in_state")

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """Also by the end of the certificate."""
        if value in {"ending", "expired"}:
            return getattr(rows, value)(today_here())
        return super().in_state(rows, name, value)


class TieFilter(RegisterFilter):
    """Ties by person or code of the institution."""

    NAMES = ("user__display_name", "uscc")
    q = text("姓名或机构代码", 60, method="named")
    state = choice("状态", [("force", "有效"), ("ended", "已消失")], method="in_state")

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """Standing or gone: a tie waits for nobody."""
        return rows.filter(ended_on__isnull=value == "force") if value else rows


class RegisterForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A row by the person `actor`. What was typed may name an ended row, which is then opened anew."""

    def __init__(self, data: Any, *, actor: Any):
        self.actor = actor
        super().__init__(data, instance=self.known(data) if data else None)

    def known(self, data: Any) -> Any:
        """The row that is entered again; None for a new one."""
        return None


class SubjectForm(RegisterForm):
    """A body; its field of law is that of its department."""

    class Meta:
        model = EnforcementSubject
        fields = ("department", "announced_on", "announcement", "principal", "commission")
        widgets = {"announced_on": DAY}
        help_texts = {"principal": "受委托实施检查的填写；以自己名义检查的留空", "commission": "受委托的填写"}
        error_messages = {"department": {"unique": "这个部门已经登记为检查主体。"}}

    def __init__(self, data: Any, *, actor: Any):
        super().__init__(data, actor=actor)
        rows = Department.objects.filter(kind__in=Field.values).order_by("code")
        for name in ("department", "principal"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].empty_label = "请选择" if name == "department" else "无"  # type: ignore[attr-defined]

    def known(self, data: Any) -> Any:
        """An ended body."""
        return EnforcementSubject.objects.filter(department=data.get("department"), ended_on__isnull=False).first()

    def clean(self) -> dict[str, Any]:
        """The field follows the department."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("department"):
            self.instance.field = found["department"].kind
        return found


class MatterForm(RegisterForm):
    """A matter; without a day of publication nobody may inspect on it."""

    class Meta:
        model = Matter
        fields = ("code", "name", "field", "level", "basis", "published_on")
        widgets = {"published_on": DAY}
        help_texts = {
            "basis": "法律法规名称和条号",
            "published_on": "没有公布的事项不能检查；公布后用同一编号再登记一次",
        }
        error_messages = {"code": {"unique": "这个编号已经登记。"}}

    def known(self, data: Any) -> Any:
        """An ended matter, or one that was not published yet."""
        rows = Matter.objects.filter(code=data.get("code", "").strip())
        return rows.filter(Q(ended_on__isnull=False) | Q(published_on__isnull=True)).first()


class OfficerForm(RegisterForm):
    """An officer of a body the actor heads."""

    class Meta:
        model = Officer
        fields = ("subject", "user", "certificate_no", "valid_from", "valid_to")
        widgets = {"valid_from": DAY, "valid_to": DAY}
        help_texts = {"user": "在本单位有“持证执法人员”职责的人员", "valid_to": "换证的，填写新的有效期，批准后生效"}
        error_messages = {"certificate_no": {"unique": "这个证号已经登记，并且还没有到期或者停用。"}}

    def __init__(self, data: Any, *, actor: Any):
        self.mine = own_subjects(actor)
        super().__init__(data, actor=actor)
        subject, user = self.fields["subject"], self.fields["user"]
        subject.queryset, subject.empty_label = self.mine, None  # type: ignore[attr-defined]
        user.queryset, user.empty_label = inspectors_of(actor), "请选择"  # type: ignore[attr-defined]

    def known(self, data: Any) -> Any:
        """A certificate of the same person and body that ended, in whichever way."""
        rows = Officer.objects.filter(certificate_no=data.get("certificate_no", "").strip(), subject__in=self.mine)
        over = Q(ended_on__isnull=False) | Q(valid_to__lt=today_here()) | Q(pk__in=Officer.objects.ending(today_here()))
        return rows.filter(over, user=as_key(data.get("user"))).first()

    def clean(self) -> dict[str, Any]:
        """The person holds the duty in that very body."""
        found: dict[str, Any] = super().clean() or {}
        user, subject = found.get("user"), found.get("subject")
        if user and subject and subject.department_id not in {d.department_id for d in user.duties_as(Role.INSPECTOR)}:
            self.add_error("user", "这名人员在这个检查主体没有“持证执法人员”职责。")
        return found


class TieForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A tie of one's own, or of an officer of the body the actor heads."""

    class Meta:
        model = Tie
        fields = ("user", "uscc", "kind")
        labels = {"user": "执法人员"}
        help_texts = {"uscc": "机构的 18 位代码"}

    def __init__(self, data: Any, *, actor: Any):
        super().__init__(data)
        own = User.objects.filter(pk=actor.pk) if actor.has_role(Role.INSPECTOR) else User.objects.none()
        user = self.fields["user"]
        user.queryset, user.empty_label = own | inspectors_of(actor), None  # type: ignore[attr-defined]

    def clean_uscc(self) -> str:
        """A registered institution."""
        uscc: str = self.cleaned_data["uscc"].strip().upper()
        if not Institution.objects.filter(uscc=uscc).exists():
            raise forms.ValidationError("没有查到这个代码的机构。请核对。")
        return uscc


def own_subjects(actor: Any) -> Any:
    """The bodies this person heads that stand."""
    departments = [duty.department_id for duty in actor.duties_as(Role.HEAD) if duty.department_id]
    return EnforcementSubject.objects.filter(
        department__in=departments, approved_by__isnull=False, ended_on__isnull=True
    ).select_related("department")


def inspectors_of(actor: Any) -> Any:
    """Who holds an inspector's duty in a body this person heads."""
    departments = [duty.department_id for duty in actor.duties_as(Role.HEAD) if duty.department_id]
    duties = Duty.objects.in_force().filter(role=Role.INSPECTOR, department__in=departments)
    return User.objects.filter(pk__in=duties.values("user"), is_active=True).order_by("username")
