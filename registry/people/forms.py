"""Forms of the people ledger. They carry what was typed; `services.check_…` say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from yancheng_childcare.forms import area, day, line
from yancheng_childcare.problems import Problem

from ..choices import Education, PostRole
from ..codes import people as codes
from ..models import Institution
from ..registration.forms import BLANK, RawForm
from .facts import BARE_KINDS


class PersonForm(RawForm):
    """One person and one post. The institution is asked only of people who act for several."""

    uscc = forms.ChoiceField(label="机构")
    same_as_legal = forms.BooleanField(
        label="登记的就是法定代表人（姓名和身份证号由登记信息带入，下面两项不用填）", required=False
    )
    name = line("姓名", 50, "与身份证一致")
    id_no = line("身份证号", 18, "18 位。加密保存，之后只遮盖显示")
    phone = line("联系电话", 20, "手机号，或带区号的座机；加密保存", required=False, inputmode="tel")
    education = forms.ChoiceField(label="学历", choices=[BLANK, *Education.choices], required=False)
    experience_years = line(
        "相关经历（年）",
        2,
        "儿童保育教育或卫生健康方面的工作年数，机构负责人需满 3 年",
        required=False,
        inputmode="numeric",
    )
    role = forms.ChoiceField(label="岗位", choices=[BLANK, *PostRole.choices])
    full_time = forms.ChoiceField(
        label="全职还是兼职",
        choices=[("yes", "全职"), ("no", "兼职")],
        widget=forms.RadioSelect,
        initial="yes",
        help_text="一个人同时只能在一个岗位上全职，另一个岗位选兼职",
    )
    started_on = day("上岗日期")
    no_mental_illness = forms.BooleanField(
        label="已向本人确认：没有精神病史",
        required=False,
        help_text="《托儿所幼儿园卫生保健管理办法》第14条：精神病患者、有精神病史者不得在托幼机构工作。未确认的可以先登记，提交备案前须确认",
    )

    def __init__(self, *args: Any, institutions: Iterable[Institution], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.institutions = list(institutions)
        if len(self.institutions) < 2:
            del self.fields["uscc"]
        else:
            choices: Any = self.fields["uscc"]
            choices.choices = [BLANK, *((row.uscc, row.name) for row in self.institutions)]

    def entered(self, institution: Institution) -> dict[str, Any]:
        """What `services.add_post` takes; the legal representative is not typed again, the number never shown."""
        data = dict(self.cleaned_data)
        if data.pop("same_as_legal"):
            data |= {"name": institution.legal_rep_name, "id_no": institution.legal_rep_id_no}
        return data

    def institution(self) -> Institution | None:
        """The chosen institution; the only one when there is no choice; None when nothing or nonsense was chosen."""
        if len(self.institutions) == 1:
            return self.institutions[0]
        chosen = self.cleaned_data.get("uscc")
        return next((row for row in self.institutions if row.uscc == chosen), None)


class LeaveForm(RawForm):
    """The end of a post."""

    ended_on = day("离岗日期", "在这个岗位上的最后一天；格式：2026-11-23")
    end_reason = line("离岗原因", 100, "例如：合同期满、本人辞职；不写健康、处罚等个人信息")


class RevealForm(RawForm):
    """Why the full number must be read."""

    reason = area("查看事由", 200, "不少于 4 个字，例如“核对健康合格证”；事由、时间和查看人会留存备查", rows=2)


class DecisionForm(RawForm):
    """What health staff decide of a person, and on what it rests."""

    choice = forms.ChoiceField(label="核实结果", widget=forms.RadioSelect)
    reason = area(
        "核实的依据",
        300,
        "例如“核对身份证原件”“向出具单位电话核实”，不少于 4 个字；会留存备查，不写案情等个人信息",
        rows=3,
    )

    def __init__(self, *args: Any, choices: Mapping[str, str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Mapping[str, Any] = self.fields
        fields["choice"].choices = list(choices.items())


class CredentialForm(RawForm):
    """One paper of a kind. A record check asks for its result, day and number only."""

    record_found = forms.ChoiceField(
        label="查询结果",
        choices=[("no", "无违法犯罪记录"), ("yes", "有记录")],
        widget=forms.RadioSelect,
        help_text="按单位所在地公安派出所出具的《查询告知函》填写。只登记有或无、日期和文号，不登记内容，也不上传告知函。"
        "个人开具的《无犯罪记录证明》不能代替",
    )
    number = line("编号", 60, required=False)
    issuer = line("出具单位", 100, "与证件上的印章一致", required=False)
    issued_on = day("出具日期")
    valid_to = day("有效期至", required=False)
    file = forms.FileField(
        label="证件扫描件或照片",
        help_text="PDF、JPG 或 PNG，不超过 20 MB；可以先登记、以后再补，补齐以前材料不算齐全",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,image/*"}),
    )
    file_id = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, months: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind = kind
        fields: Mapping[str, Any] = self.fields
        if kind in BARE_KINDS:
            fields["issued_on"].label, fields["number"].label = "告知函日期", "告知函文号"
            for name in ("issuer", "file", "file_id", "valid_to"):
                del self.fields[name]
            return
        del self.fields["record_found"]
        fields["valid_to"].help_text = (
            f"最长 {months} 个月；不填的按出具日期计算" if months else "证件上写明的照填；长期有效的不填"
        )

    def entered(self) -> dict[str, Any]:
        """What `services.add_credential` takes."""
        wanted = ("number", "issuer", "issued_on", "valid_to")
        data = {name: self.cleaned_data.get(name) or "" for name in wanted}
        return {**data, "kind": self.kind, "record_found": self.cleaned_data.get("record_found") == "yes"}

    def unanswered(self) -> list[Problem]:
        """No result of a record check is a result nobody has said."""
        if "record_found" in self.fields and self.cleaned_data.get("record_found") not in {"yes", "no"}:
            return [Problem(codes.REQUIRED, "record_found", "请选择查询结果。")]
        return []


class TrainingForm(RawForm):
    """Hours of training."""

    topic = line("培训内容", 100, "例如：保育人员岗前培训、心理健康教育、急救")
    provider = line("培训单位", 100)
    hours = line("学时", 4, "整数", inputmode="numeric")
    finished_on = day("结束日期")


class ImportForm(RawForm):
    """The table and, for people of several institutions, for which one."""

    uscc = forms.ChoiceField(label="机构")
    file = forms.FileField(
        label="人员表格",
        help_text="xlsx 或 csv，不超过 20 MB，最多 2,000 人。先检查，确认后才登记。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, institutions: Iterable[Institution], **kwargs: Any):
        super().__init__(*args, **kwargs)
        rows = list(institutions)
        if len(rows) < 2:
            del self.fields["uscc"]
        else:
            choices: Any = self.fields["uscc"]
            choices.choices = [BLANK, *((row.uscc, row.name) for row in rows)]
