"""Forms of the exchange's pages. Rules lie in the services; here is only what can be typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from django import forms
from django.conf import settings

from yancheng_childcare.forms import WordedForm, area, choice
from yancheng_childcare.models import Department, Region

from .choices import BodyFormat, GrantField
from .endpoint_settings import SUBSCRIBABLE
from .models import Endpoint


class EndpointForm(WordedForm):
    """Name, address and pace of an endpoint; the subscriptions are a matrix of its own (`SubscriptionMatrix`)."""

    name = forms.CharField(label="名称", max_length=60, help_text="便于辨认，例如“前置机”“业务系统”。")
    url = forms.CharField(
        label="接收地址",
        max_length=500,
        help_text="以 https:// 开头。主机和端口须先由平台管理员列入本部门的允许名单。",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    body_format = forms.ChoiceField(
        label="格式", choices=BodyFormat.choices, initial=BodyFormat.STANDARD, widget=forms.RadioSelect
    )
    timeout_seconds = forms.IntegerField(
        label="超时（秒）", min_value=1, max_value=30, initial=10, help_text="1 至 30。对方超过这个时间没有答复算失败。"
    )
    connections = forms.IntegerField(
        label="并发连接数", min_value=1, max_value=64, initial=16, help_text="1 至 64。对方能同时处理多少个请求。"
    )
    quiet_days_alarm = forms.IntegerField(
        label="多少天无事件时提醒", min_value=1, max_value=365, initial=7, help_text="1 至 365 天。"
    )
    grants = forms.MultipleChoiceField(
        label="明文字段",
        choices=GrantField.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="勾选的个人信息以明文推送，须有审批依据；不勾选的遮盖。",
    )

    def __init__(self, *args: Any, may_grant: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not may_grant:
            del self.fields["grants"]


class DepartmentForm(WordedForm):
    """The administrator's first question: whose endpoint."""

    department = forms.ModelChoiceField(label="接收部门", queryset=Department.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.order_by("code")  # type: ignore[attr-defined]


#: First part of an event's name → the group's title on the form.
GROUPS = {
    "registration": "登记",
    "filing": "备案",
    "institution": "停业、恢复和终止服务",
    "inspection": "监督检查",
}
#: What a new endpoint is offered: the registration is what every receiving department is told of (product.md D6).
USUAL = "registration"


class SubscriptionMatrix:
    """Regions × events as checkboxes named `sub` with values `region event`, listed by region and group."""

    def __init__(self, department: Department, chosen: set[tuple[str, str]]):
        self.kinds = [(choice.value, choice.label) for choice in SUBSCRIBABLE]
        self.chosen = chosen
        wanted = {region for region, _ in chosen}
        area = Region.objects.filter(prefix__startswith=department.region.prefix)
        self.regions = [
            row
            for row in area.order_by("prefix")
            if row.pk == department.region_id or row.level != "TOWN" or row.pk in wanted
        ]

    @classmethod
    def posted(cls, data: Any) -> set[tuple[str, str]]:
        """The pairs that were ticked; what is no pair is left to the service to refuse."""
        pairs = set()
        for value in data.getlist("sub")[:2000]:
            region, _, kind = value.partition(" ")
            pairs.add((region, kind))
        return pairs

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row per region with its events in groups, and how many are chosen."""
        rows = []
        for region in self.regions:
            cells: dict[str, list[dict[str, Any]]] = {}
            for kind, label in self.kinds:
                value, group = f"{region.pk} {kind}", GROUPS[kind.partition(".")[0]]
                cells.setdefault(group, []).append(
                    {"value": value, "label": label, "checked": (region.pk, kind) in self.chosen}
                )
            count = sum(cell["checked"] for group in cells.values() for cell in group)
            rows.append({"region": region, "groups": list(cells.items()), "count": count})
        return rows

    @classmethod
    def usual(cls, department: Department) -> set[tuple[str, str]]:
        """What a new endpoint has ticked: the registrations of the department's own area."""
        return {(department.region_id, kind.value) for kind in SUBSCRIBABLE if kind.value.startswith(f"{USUAL}.")}


@dataclass(frozen=True, slots=True)
class SecretRotation:
    """How many hours both secrets sign."""

    overlap: Annotated[
        str,
        choice(
            "旧密钥保留多久",
            [("24", "24 小时（常用）"), ("72", "3 天"), ("168", "7 天"), ("0", "立即停用（密钥已泄露时）")],
            "保留期内每条推送同时带新旧两个签名，对方任何时候换都不会中断。",
        ),
    ]


class KeyForm(WordedForm):
    """A new key to the API; the department is asked of those who hold several."""

    department = forms.ChoiceField(label="部门")
    name = forms.CharField(
        label="名称", max_length=60, help_text="写明由哪个程序使用，例如“前置机回执程序”。", strip=True
    )

    def __init__(self, *args: Any, departments: list[Department], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.departments = {row.code: row for row in departments}
        if len(departments) == 1:
            del self.fields["department"]
        else:
            self.fields["department"].choices = [(row.code, row.name) for row in departments]  # type: ignore[attr-defined]

    def chosen(self) -> Department:
        """The department of a valid form."""
        return self.departments[self.cleaned_data.get("department") or next(iter(self.departments))]


def _former_keys(case: Any, actor: Any) -> list[tuple[str, str]]:
    hours = settings.API_KEY_OVERLAP_HOURS
    return [("1", f"再用 {hours} 小时（常用，程序不中断）"), ("0", "立即停用（密钥已泄露时）")]


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Whether the former key works on for a while."""

    keep: Annotated[str, choice("旧密钥", _former_keys)]


KEPT = "不要写个人信息。理由连同您的姓名永久保留。"


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a push ends without delivery."""

    reason: Annotated[str, area("理由", 300, f"不少于 4 个字，例如“已于 11 月 20 日线下送达，编号……”。{KEPT}")]


@dataclass(frozen=True, slots=True)
class Closing:
    """Why an endpoint ends for good."""

    reason: Annotated[str, area("理由", 200, f"不少于 4 个字，例如“系统已迁移到新的前置机”。{KEPT}")]


class RangeForm(WordedForm):
    """Which pushes to send again."""

    endpoint = forms.ModelChoiceField(label="端点", queryset=Endpoint.objects.none(), empty_label="请选择")
    since = forms.DateTimeField(
        label="开始时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    until = forms.DateTimeField(
        label="结束时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    def __init__(self, *args: Any, endpoints: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].queryset = endpoints  # type: ignore[attr-defined]
