"""Forms of registration. They carry what was typed; `registry.registration.checks` says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import reverse

from yancheng_childcare.forms import ROOM, area, day, line, one_line_end
from yancheng_childcare.models import Department
from yancheng_childcare.places import places

from ..choices import CapitalKind, Nature
from ..rules.registration import matches, preset_capital_kind
from .fields import ENTERED, LABELS

BLANK = ("", "请选择")

Choices = list[tuple[str, Any]]


def regions_of(department: Department) -> Choices:
    """The counties and zones whose institutions this authority registers: its own, or all below a city bureau."""
    own = department.region_id
    return [
        (code, name)
        for code, (level, parent, name) in sorted(places().items())
        if level in {"COUNTY", "ZONE"} and own in {code, parent}
    ]


def areas() -> Choices:
    """Every county and zone of the city."""
    return [(code, name) for code, (level, _, name) in sorted(places().items()) if level in {"COUNTY", "ZONE"}]


def towns_of(counties: Iterable[str]) -> Choices:
    """Towns and streets in groups by county: one select that also works without scripts."""
    known = places()
    wanted = list(counties)
    groups: dict[str, list[tuple[str, str]]] = {code: [] for code in wanted}
    for code, (level, parent, name) in sorted(known.items()):
        if level == "TOWN" and parent in groups:
            groups[parent].append((code, name))
    return [(known[code][2], towns) for code, towns in groups.items() if towns]


def natures_of(department: Department) -> Choices:
    """The natures this kind of authority registers (domain.md §1.1)."""
    return [(n.value, n.label) for n in Nature if matches(n.value, "", "", department.kind)]


class RawForm(forms.Form):
    """Keeps what was typed as it was typed; every finding comes from the rules, all at once and in one wording."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and field.max_length:
                # The browser counts what is typed, the rules what is left without blanks: a pasted code is not cut.
                field.widget.attrs["maxlength"] = field.max_length + ROOM

    def full_clean(self) -> None:
        self._errors = ErrorDict()
        self.cleaned_data = (
            {
                name: one_line_end(field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))
                for name, field in self.fields.items()
            }
            if self.is_bound
            else {}
        )


class RegistrationForm(RawForm):
    """One registration in the order of domain.md §1.2. `change` leaves personal fields blank: blank means unchanged."""

    SECTIONS = (
        ("证照上的基本信息", ("uscc", "name", "nature")),
        ("住所与所在地", ("registered_address", "region_code", "town_code")),
        ("法定代表人（负责人）", ("legal_rep_name", "legal_rep_id_no", "contact_phone")),
        ("资金与业务范围", ("registered_capital", "capital_kind", "business_scope", "purpose", "supervising_unit")),
        ("日期与有效期", ("established_on", "approved_on", "valid_from", "valid_to")),
        ("登记机关与证照扫描件", ("registry_org_id", "certificate", "certificate_id")),
    )

    PAIRS = frozenset(
        {
            ("region_code", "town_code"),
            ("legal_rep_id_no", "contact_phone"),
            ("registered_capital", "capital_kind"),
            ("established_on", "approved_on"),
            ("valid_from", "valid_to"),
        }
    )

    uscc = line("统一社会信用代码", 18, "18 位，见证照右上角；不含字母 I、O、S、V、Z")
    name = line("机构名称", 100, "与证照一致；建议含“托育”字样，家庭托育点应当含有")
    nature = forms.ChoiceField(label="机构性质")
    registered_address = line("住所（登记地址）", 200, "与证照一致，写到门牌号")
    region_code = forms.ChoiceField(label="所属县（市、区）", help_text="列出本登记机关管辖的地区")
    town_code = forms.ChoiceField(label="所属镇（街道）", help_text="按机构实际所在地选择")
    legal_rep_name = line("法定代表人（负责人）姓名", 50)
    legal_rep_id_no = line("法定代表人（负责人）证件号", 18, "18 位居民身份证号，加密保存，只推送公安机关")
    contact_phone = line("联系电话", 40, "手机号，或带区号的座机；卫健和公安凭此联系机构", required=False)
    registered_capital = line("注册资本（开办资金）", 20, "单位万元，只填数字，例如 50 或 12.5")
    capital_kind = forms.ChoiceField(
        label="资金类别",
        choices=[("", "按机构性质自动选择"), *CapitalKind.choices],
        required=False,
        help_text="企业、个体为注册资本，其余为开办资金",
    )
    business_scope = area(
        "业务（经营）范围",
        4000,
        "照抄证照；须写明“托育服务”或“3岁以下婴幼儿照护服务”，家庭托育点写“家庭托育服务”",
        rows=5,
    )
    purpose = area("宗旨", 500, "事业单位、民办非企业单位必填，见登记证书", required=False, rows=3)
    supervising_unit = line("业务主管单位", 100, "民办非企业单位必填，见登记证书", required=False)
    established_on = day("成立日期")
    approved_on = day("核准日期")
    valid_from = day("证照有效期自")
    valid_to = day("证照有效期至", "长期有效的不填，或照证照填“长期”；格式：2026-11-23", required=False)
    registry_org_id = forms.ChoiceField(label="登记机关")
    certificate = forms.FileField(
        label="证照扫描件",
        help_text="PDF、JPG 或 PNG，不超过 20 MB",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    certificate_id = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, departments: list[Department], change: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.departments = departments
        counties = sorted({pair for department in departments for pair in regions_of(department)})
        natures = {pair for department in departments for pair in natures_of(department)}
        fields: Mapping[str, Any] = self.fields
        fields["region_code"].choices = [BLANK, *counties]
        fields["town_code"].choices = [BLANK, *towns_of(code for code, _ in counties)]
        fields["nature"].choices = [BLANK, *((n.value, n.label) for n in Nature if (n.value, n.label) in natures)]
        fields["registry_org_id"].choices = [BLANK, *((d.code, d.name) for d in departments)]
        if len(departments) == 1:
            fields["registry_org_id"].widget = forms.HiddenInput()
            fields["registry_org_id"].initial = departments[0].code
        small = reverse("registry:create")
        # A town chosen before the county's own arrive would be lost with the list they replace.
        fields["region_code"].widget.attrs |= {
            "hx-get": f"{small}?towns=1",
            "hx-target": "#id_town_code",
            "hx-disabled-elt": "#id_town_code",
        }
        if not change:
            check = {"hx-get": f"{small}?check=1", "hx-target": "#uscc-remark", "hx-trigger": "change"}
            fields["uscc"].widget.attrs |= check
        else:
            del self.fields["uscc"]
            for name in ("legal_rep_id_no", "contact_phone"):
                fields[name].required = False
                fields[name].help_text = "不变更的留空，原来的号码保持不变"
            fields["certificate"].help_text = "不更换的不必上传。" + str(fields["certificate"].help_text)

    def sections(self) -> list[dict[str, Any]]:
        """What the template draws: a title and the visible fields of each fieldset, pairs side by side."""
        out = []
        for title, names in self.SECTIONS:
            shown = [self[name] for name in names if name in self.fields and not self[name].is_hidden]
            rows: list[list[Any]] = []
            for field in shown:
                if rows and len(rows[-1]) == 1 and (rows[-1][0].name, field.name) in self.PAIRS:
                    rows[-1].append(field)
                else:
                    rows.append([field])
            if rows:
                out.append({"title": title, "rows": rows})
        return out

    def entered(self) -> dict[str, Any]:
        """The typed values under the names of domain.md §1.2, the kind of capital filled in where it was left open."""
        data = {name: (self.cleaned_data.get(name) or "") for name in ENTERED if name in self.fields}
        if not data.get("capital_kind"):
            data["capital_kind"] = preset_capital_kind(data.get("nature", ""), data.get("uscc", ""))
        if not data.get("valid_to"):
            data["valid_to"] = None
        return data


class EndForm(RawForm):
    """注销, 吊销, 撤销: which, why, since when, and a deliberate tick."""

    step = forms.ChoiceField(label="办理事项", widget=forms.RadioSelect)
    reason = area("原因", 300, "写明依据，例如申请日期或决定书文号；不写个人信息", rows=3)
    terminated_on = day("终止日期")
    confirmed = forms.BooleanField(label="我已核对，知道登记终止后不能恢复", required=False)

    def __init__(self, *args: Any, steps: Choices, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["step"]
        field.choices = steps


class RevealForm(RawForm):
    """Why a full number must be read."""

    reason = area("查看事由", 200, "不少于 4 个字，例如“核对营业执照”；事由、时间和查看人会留存备查", rows=2)


class FilingNumberForm(RawForm):
    """The number the national filing system gave."""

    filing_no = line("国家系统备案编号", 40, "见国家托育机构备案信息系统，4 至 40 个字符")
    filed_on = day("备案日期")


class ReceiptForm(RawForm):
    """What a department did with a registration: received is not handled (product.md D6)."""

    handled = forms.ChoiceField(
        label="办理情况",
        choices=[("yes", "已上门指导安全防范，处置完毕"), ("no", "已收到，还没有处置完毕")],
        widget=forms.RadioSelect,
    )
    handled_at = forms.CharField(
        label="办理时间",
        max_length=16,
        help_text="格式：2026-11-23 09:30",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    remark = area("说明", 500, "例如检查了一键报警、视频监控和封闭管理；不写个人信息", required=False, rows=3)


def shown_value(name: str, value: Any) -> str:
    """A field's value as people read it: labels for codes, names for places, nothing for nothing."""
    if value in (None, ""):
        return "长期" if name == "valid_to" else ""
    if name == "nature":
        return str(Nature(value).label) if value in Nature else str(value)
    if name == "capital_kind":
        return str(CapitalKind(value).label) if value in CapitalKind else str(value)
    if name in {"region_code", "town_code"}:
        return places().get(str(value), ("", "", str(value)))[2]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def label_of(name: str) -> str:
    """The Chinese name of an entered field."""
    return LABELS.get(name, name)
