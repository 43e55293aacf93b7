"""Forms of the opening of accounts. They carry what was typed; `entered` says what is wrong with it."""

from __future__ import annotations

from typing import Any

from django import forms

from yancheng_childcare.forms import line

from ..registration.forms import RawForm


def _secret(label: str, hint: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=100, help_text=hint, widget=widget)


class RepresentativeForm(RawForm):
    """Name and number of the legal representative."""

    legal_rep_name = line("法定代表人（负责人）姓名", 50, "与登记证书一致")
    legal_rep_id_no = line("法定代表人（负责人）证件号码", 30, "只用于与登记信息核对，不保存明文")


class PersonForm(RawForm):
    """A new account; left out for somebody who is signed in."""

    display_name = line("您的姓名", 50, "谁来办理，就填谁", autocomplete="name")
    username = line("用户名", 30, "4 到 30 个字母、数字或汉字；已有人使用的，系统在后面加数字", autocomplete="username")
    password = _secret("密码", "至少 10 个字符，不能全是数字，不能与用户名相近")
    password_again = _secret("再填一次密码")


class OpenForm(PersonForm):
    """Everything of the request; `nonce` is the form's own secret: the same form sent twice is one request."""

    uscc = line("统一社会信用代码", 18, "18 位，见营业执照或登记证书")
    legal_rep_name = RepresentativeForm.base_fields["legal_rep_name"]
    legal_rep_id_no = RepresentativeForm.base_fields["legal_rep_id_no"]
    code = line("开通码", 20, "登记机关发给的 12 位开通码；没有的不填，由卫生健康部门审核后开通", required=False)
    nonce = forms.CharField(widget=forms.HiddenInput)

    field_order = ("uscc", "legal_rep_name", "legal_rep_id_no", "code")

    def __init__(self, *args: Any, known: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if known:
            for name in PersonForm.base_fields:
                del self.fields[name]
