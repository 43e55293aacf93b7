"""What is typed on these pages. What goes together and who may, the services say; refusals stand at the fields."""

from __future__ import annotations

from typing import Any

from django import forms

from ...accounts.duties import KINDS, fields_of
from ...accounts.single_sign_on import LONGEST_SUBJECT
from ...choices import RegionLevel, Role
from ...deadlines import today_here
from ...forms import Worded, WordedForm
from ...models import Department, Region, SpecialDay, User

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PersonForm(Worded, forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """A new account, or name and address of one."""

    class Meta:
        model = User
        fields = ("display_name", "username", "email")
        help_texts = {
            "display_name": "本人的真实姓名",
            "username": "登录用，字母、数字和 @.+-_，建立后不能改",
            "email": "接收提醒用，本人确认后才启用",
        }


class EditForm(PersonForm):
    """Name, and the address where one person alone may enter it."""

    class Meta(PersonForm.Meta):
        fields = ("display_name", "email")  # type: ignore[assignment]

    def __init__(self, *args: Any, with_email: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not with_email:
            del self.fields["email"]


class ReasonForm(WordedForm):
    """Why something is asked for: whoever approves reads it."""

    reason = forms.CharField(
        label="理由", max_length=200, help_text="批准的管理员会看到，例如：本人更换手机，已当面核对身份"
    )


class RefusalForm(WordedForm):
    """Why something is not approved, where the kind needs a reason; an approval leaves it empty."""

    reason = forms.CharField(
        label="不予批准的理由",
        max_length=200,
        required=False,
        help_text="只在不予批准时填写，4 至 200 个字，提出人会看到",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


class AddressForm(ReasonForm):
    """Another e-mail address of somebody with duties."""

    email = forms.EmailField(label="新的电子邮箱", max_length=254)
    field_order = ("email", "reason")


class SubjectForm(WordedForm):
    """The identity the provider knows somebody by; only its keyed hash is kept."""

    hashed = frozenset({"subject"})
    subject = forms.CharField(
        label="身份标识（sub）", max_length=LONGEST_SUBJECT, help_text="本人用统一身份认证登录时，页面会显示这个标识"
    )


class NothingForm(WordedForm):
    """An act that asks for nothing but the press of its button."""


class RoleForm(WordedForm):
    """The first step of a duty."""

    role = forms.ChoiceField(label="角色", choices=Role.choices, widget=forms.RadioSelect)


class DutyForm(WordedForm):
    """The second step: only the fields this role needs (`accounts.duties.fields_of`)."""

    department = forms.ModelChoiceField(
        Department.objects.none(), label="部门", empty_label="请选择", help_text="本人工作的部门，只列出办理这类事项的"
    )
    region = forms.ModelChoiceField(Region.objects.none(), label="辖区", required=False)
    uscc = forms.CharField(label="机构统一社会信用代码", max_length=30, help_text="18 位，见登记证书")
    certificate_no = forms.CharField(
        label="执法证号", max_length=40, help_text="证件上的编号；证件失效前请同时填结束日期"
    )
    valid_from = forms.DateField(label="开始日期", widget=DAY, initial=today_here, help_text="第一天；当天即可办理")
    valid_to = forms.DateField(label="结束日期", widget=DAY, required=False, help_text="最后一天；长期有效的不填")

    def __init__(self, *args: Any, role: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        uses = fields_of(role)
        for name in {"department", "region", "uscc", "certificate_no"} - set(uses):
            del self.fields[name]
        if "department" in uses:
            kinds = KINDS.get(role)
            departments = Department.objects.filter(kind__in=kinds) if kinds else Department.objects.all()
            self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        if "region" in uses:
            area = self.fields["region"]
            towns = role == Role.GRID
            regions = Region.objects.all() if towns else Region.objects.exclude(level=RegionLevel.TOWN)
            area.queryset = regions.select_related("parent")  # type: ignore[attr-defined]
            area.label_from_instance = area_label  # type: ignore[attr-defined]
            area.required = "department" not in uses
            area.empty_label = "请选择" if area.required else "部门的整个辖区"  # type: ignore[attr-defined]
            area.help_text = "负责的镇（街道）或县（市、区）" if towns else "只负责其中一部分的，选那一部分"

    def clean_uscc(self) -> str:
        """Credit codes are pasted with blanks and in small letters."""
        return str(self.cleaned_data["uscc"]).replace(" ", "").upper()


def area_label(region: Region) -> str:
    """A town with its county: many towns share a name."""
    return f"{region.parent}　{region}" if region.level == RegionLevel.TOWN else str(region)


class DayForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """One exception of the working-day calendar."""

    is_workday = forms.TypedChoiceField(
        label="上班还是放假",
        choices=[("0", "放假（原为工作日）"), ("1", "上班（原为休息日）")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = SpecialDay
        fields = ("day", "is_workday", "name", "source", "provisional")
        widgets = {"day": DAY}
        help_texts = {
            "name": "如：春节、国庆节调休",
            "provisional": "正式通知还没有发布，先按往年安排推算的",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["is_workday"] = "1" if self.instance.is_workday else "0"
