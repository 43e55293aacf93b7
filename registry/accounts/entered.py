"""What somebody enters to open an account, checked: the person, the institution's facts, a code."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from yancheng_childcare.crypto import blind_index, normalise
from yancheng_childcare.models import User
from yancheng_childcare.problems import Problem

from ..codes import accounts as codes
from ..registration.pages.lookup import storable
from ..rules.uscc import check_uscc


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to act: a known account, or a name, a user name and a password already hashed."""

    user: User | None = None
    display_name: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the institution knows together: its code, its representative, and perhaps the registrar's code."""

    uscc: str
    legal_rep_name: str
    legal_index: str
    code: str = ""


def read_person(data: Mapping[str, Any], *, signed_in: Any, found: list[Problem]) -> Person | None:
    """The signed-in account, or the new one entered; None with the reasons in `found`. Hashes the password: slow on purpose."""
    if signed_in.is_authenticated:
        return Person(user=signed_in)
    before = len(found)
    name = storable("display_name", data.get("display_name"), "您的姓名", 50, found).strip()
    typed = storable("username", data.get("username"), "用户名", 30, found).strip()
    username = unicodedata.normalize("NFKC", typed)  # as it is kept
    password = str(data.get("password") or "")
    if not name:
        found.append(Problem(codes.ENTERED, "display_name", "请填写您的姓名。"))
    validator = User._meta.get_field("username").validators[0]
    try:
        validator(username)
        if not 4 <= len(username) <= 30:
            raise ValidationError("")
    except ValidationError:
        found.append(Problem(codes.ENTERED, "username", "用户名为 4 到 30 个字母、数字或汉字，不含空格。"))
    try:
        validate_password(password, User(username=username, display_name=name))
    except ValidationError as refused:
        found += [Problem(codes.ENTERED, "password", words) for words in refused.messages]
    if password != str(data.get("password_again") or ""):
        found.append(Problem(codes.ENTERED, "password_again", "两次填写的密码不一致，请重新填写。"))
    if len(found) > before:
        return None
    return Person(display_name=name, username=username, password=make_password(password))


def read_facts(data: Mapping[str, Any], found: list[Problem]) -> Facts | None:
    """The institution's facts as entered; None with the reasons in `found`. Whether they are right is no question here."""
    before = len(found)
    uscc = normalise(storable("uscc", data.get("uscc"), "统一社会信用代码", 18, found))
    name = storable("legal_rep_name", data.get("legal_rep_name"), "法定代表人姓名", 50, found)
    number = normalise(str(data.get("legal_rep_id_no") or ""))  # no text: hashed, and never kept
    code = storable("code", data.get("code"), "开通码", 20, found).strip()
    if len(found) == before:
        found += check_uscc(uscc)
    for field, value, label in (
        ("legal_rep_name", name, "法定代表人（负责人）姓名"),
        ("legal_rep_id_no", number, "法定代表人（负责人）证件号码"),
    ):
        if not normalise(value) or len(value) > 50:
            found.append(Problem(codes.ENTERED, field, f"请填写{label}，与登记证书一致。"))
    if len(found) > before:
        return None
    return Facts(uscc, normalise(name), blind_index(number, "person"), code)
