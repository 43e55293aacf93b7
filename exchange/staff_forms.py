"""What administrators enter for the exchange: hosts for departments, keys for their integrators."""

from __future__ import annotations

from typing import Any

from django import forms

from yancheng_childcare.choices import Role
from yancheng_childcare.forms import Worded, WordedForm
from yancheng_childcare.models import Department, Duty

from .allow_list import network_problem
from .models import AllowedTarget


class AllowedTargetForm(forms.ModelForm):  # type: ignore[type-arg]
    """Host and network as the outgoing client reads them."""

    class Meta:
        model = AllowedTarget
        fields = ("department", "host", "port", "cidr", "plain_http", "reason")

    def clean_host(self) -> str:
        """A name or an address alone, in small letters."""
        host: str = self.cleaned_data["host"].strip().lower()
        if not host.isascii() or any(c in host for c in "/:@?# ") or not host:
            raise forms.ValidationError("只填主机名或 IP 地址，例如 gate.example.gov.cn，不带协议和端口。")
        return host

    def clean(self) -> dict[str, Any]:
        """Host and network must fit together."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("cidr") and found.get("host"):
            field, words = network_problem(found["host"], found["cidr"])
            if words:
                self.add_error(field, words)
        return found


class HostForm(Worded, AllowedTargetForm):
    """The same on a page of the administrators."""

    class Meta(AllowedTargetForm.Meta):
        labels = {"department": "为哪个部门", "cidr": "允许的网段"}
        help_texts = {
            "host": "只填主机名或 IP 地址，不带协议和端口",
            "cidr": "例如 10.32.8.0/24，单个地址写 10.32.8.5/32；主机名解析到网段以外的不会推送",
            "reason": "批文号、工单号或部门来函",
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        department: Any = self.fields["department"]
        department.queryset, department.empty_label = Department.objects.order_by("code"), "请选择"
        self.fields["port"].initial = 443


class KeyProposalForm(WordedForm):
    """A key for an integrator of a department."""

    duty = forms.ModelChoiceField(label="使用人", queryset=Duty.objects.none(), empty_label="请选择")
    name = forms.CharField(label="名称", max_length=60, help_text="写明由哪个程序使用，例如“前置机回执程序”。")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        duty: Any = self.fields["duty"]
        rows = Duty.objects.in_force().filter(role=Role.INTEGRATOR, department__isnull=False, user__is_active=True)
        duty.queryset = rows.select_related("user", "department").order_by("department", "user__username")
        duty.label_from_instance = lambda row: f"{row.department.name}　{row.user.display_name}（{row.user.username}）"
