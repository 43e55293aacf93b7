"""The dry run: what each row would do, judged by the rules of the pages of one person. Nothing is stored."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from casework.imports.cells import straight_day, unquoted, whole
from casework.imports.columns import plain
from casework.imports.report import KNOWN, NEW, WRONG, Cells, Line, Report, read_lines
from yancheng_childcare.accounts.duties import area_of, fields_of, grant_problems
from yancheng_childcare.blanks import BLANKS
from yancheng_childcare.choices import RegionLevel
from yancheng_childcare.models import Department, Duty, Region, StoredFile, User
from yancheng_childcare.problems import Problem, refuse_id_numbers

from ...models.staff_tables import NEW_DUTY, NEW_PERSON
from .columns import MAX_ROWS, STAFF

_PERSON = ("display_name", "username", "email")
_CODE = "GEN-422"
OTHER_PERSON = "这个用户名是另一个人的（姓名不同）。同一个人的请写一样的姓名，不同的人请换一个用户名。"
SWITCHED_OFF = "这个账号已停用。请先在人员页面申请一次性链接恢复，再导入职责。"


@dataclass(slots=True)
class _Reference:
    """Departments and areas by what people call them; a name of several is no name. Two queries."""

    departments: dict[str, list[Department]] = field(default_factory=lambda: defaultdict(list))
    regions: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for department in Department.objects.select_related("region"):
            for name in {plain(department.code), plain(department.name), plain(department.short_name)}:
                self.departments[name].append(department)
        for region in Region.objects.select_related("parent"):
            names = {plain(region.code), plain(region.name), plain(region.short_name)}
            if region.level == RegionLevel.TOWN and region.parent is not None:
                names |= {plain(region.parent.name + region.name), plain(region.parent.short_name + region.name)}
            for name in names:
                self.regions[name].append(region)


def check_table(file: StoredFile, *, today: date) -> Report:
    """Every row: new person, new duty, already there, or what is wrong and what to do. Five queries, nothing stored.

    Raises Rejected for a file that cannot be read.
    """
    known = _Reference()
    read = read_lines(file, STAFF, MAX_ROWS, lambda number, cells, odd: _line(number, cells, odd, known, today))
    return replace(read, lines=tuple(_against_records(_among_themselves(read.lines))))


def does(line: Line) -> str:
    """What a row will do, in words; "" for one that does nothing."""
    return (NEW_PERSON if line.data["new_person"] else NEW_DUTY) if line.state == NEW else ""


def duty_key(role: str, department: str | None, region: str | None) -> tuple[str, str, str]:
    """What makes two duties of a person the same one."""
    return role, department or "", region or ""


def _line(number: int, cells: Cells, odd: tuple[Problem, ...], known: _Reference, today: date) -> Line:
    found = list(odd)
    text = {name: unquoted(str(whole(value)).strip(BLANKS)) for name, value in cells.items()}
    text["username"] = unicodedata.normalize("NFKC", text["username"])
    found += refuse_id_numbers(text)
    _check_person(text, found)
    begins = _day("valid_from", cells["valid_from"], found) or today
    ends = _day("valid_to", cells["valid_to"], found)
    data = {
        **{name: text[name] for name in (*_PERSON, "certificate_no")},
        **_duty(text, begins, ends, known, found),
        "valid_from": begins.isoformat(),
        "valid_to": ends.isoformat() if ends else "",
        "new_person": False,
    }
    return Line(number, data, index=text["username"]).wrong(*found)


def _duty(
    text: dict[str, str], begins: date, ends: date | None, known: _Reference, found: list[Problem]
) -> dict[str, str]:
    """Role, department and area by their codes, "" for none, as the service of one duty takes and judges them."""
    role = STAFF.words["role"].get(plain(text["role"]), "")
    department = _one(known.departments, "department", text["department"], found)
    region = _one(known.regions, "region", text["region"], found)
    if not role:
        words = "请从列表中选择角色。托育机构经办人由本机构开通，不在这里授予。" if text["role"] else "请填写角色。"
        found.append(Problem(_CODE, "role", words))
    else:
        for name in ("department", "region", "certificate_no"):
            if text[name] and name not in fields_of(role):
                found.append(Problem(_CODE, name, f"这个角色不填“{STAFF.labels[name]}”，请清空这一格。"))
        said = {problem.field for problem in found}
        region = area_of(role, region, department)
        more = grant_problems(role, region, department, "", text["certificate_no"], begins, ends)
        found += [problem for problem in more if problem.field not in said]
    return {
        "role": role,
        "department": department.code if department else "",
        "region": region.code if region else "",
    }


def _check_person(text: dict[str, str], found: list[Problem]) -> None:
    """As the form of one person: the columns of the account itself say what may stand in them."""
    account = User(**{name: text[name] for name in _PERSON})
    others = {column.name for column in User._meta.fields} - set(_PERSON)
    try:
        account.clean_fields(exclude=others)
    except ValidationError as error:
        for name, words in error.message_dict.items():
            message = words[0] if text[name] else f"请填写{STAFF.labels[name]}。"
            found.append(Problem(_CODE, name, message))


def _one(known: dict[str, list[Any]], name: str, text: str, found: list[Problem]) -> Any:
    if not text:
        return None
    rows = known.get(plain(text), [])
    if len(rows) == 1:
        return rows[0]
    label, words = STAFF.labels[name], text[:20]
    if rows:
        example = "，或者写成“亭湖区五星街道”的样子" if name == "region" else ""
        message = f"有 {len(rows)} 个{label}叫“{words}”，请填代码{example}。"
    else:
        message = f"没有找到名称或代码为“{words}”的{label}，请照模板里的表填写。"
    found.append(Problem(_CODE, name, message))
    return None


def _day(name: str, value: Any, found: list[Problem]) -> date | None:
    value = straight_day(value)
    if isinstance(value, date):
        return value
    text = str(value).strip(BLANKS)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        label = STAFF.labels[name]
        found.append(Problem(_CODE, name, f"{label}请按“年-月-日”填写，例如 2026-12-01；没有这一天的请核对。"))
        return None


def _among_themselves(lines: Iterable[Line]) -> list[Line]:
    """Rows of one file against each other: two names for one user name, one duty twice."""
    names: dict[str, tuple[str, int]] = {}
    duties: dict[tuple[str, ...], int] = {}
    judged = []
    for line in lines:
        if line.state != WRONG:
            name, first = names.setdefault(line.index, (line.data["display_name"], line.number))
            key = (line.index, *duty_key(line.data["role"], line.data["department"], line.data["region"]))
            if name != line.data["display_name"]:
                message = f"与第 {first} 行的用户名相同，姓名却不同。同一个人请写一样的姓名，不同的人请换一个用户名。"
                line = line.wrong(Problem(_CODE, "username", message))
            elif key in duties:
                message = f"与第 {duties[key]} 行是同一个人的同一项职责，请删除其中一行。"
                line = line.wrong(Problem(_CODE, "role", message))
            else:
                duties[key] = line.number
        judged.append(line)
    return judged


def _against_records(lines: list[Line]) -> list[Line]:
    """Rows against the accounts and duties there are. Two queries."""
    named = {line.index for line in lines if line.state != WRONG}
    accounts = {user.username: user for user in User.objects.filter(username__in=named)}
    held: dict[tuple[str, ...], Duty] = {
        (duty.user.username, *duty_key(duty.role, duty.department_id, duty.region_id)): duty
        for duty in Duty.objects.filter(user__in=accounts.values(), uscc="").select_related("user")
    }
    made: set[str] = set()
    judged = []
    for line in lines:
        if line.state != WRONG:
            account = accounts.get(line.index)
            key = (line.index, *duty_key(line.data["role"], line.data["department"], line.data["region"]))
            if account is None:
                line = replace(line, data={**line.data, "new_person": line.index not in made})
                made.add(line.index)
            else:
                line = _of_account(line, account, held.get(key))
        judged.append(line)
    return judged


def _of_account(line: Line, account: User, duty: Duty | None) -> Line:
    if account.display_name != line.data["display_name"]:
        return line.wrong(Problem("GEN-409", "username", OTHER_PERSON))
    if not account.is_active:
        return line.wrong(Problem("GEN-409", "username", SWITCHED_OFF))
    if line.data["email"] and line.data["email"].lower() != account.email:
        message = "已有账号的电子邮箱不能用表格更改，请清空这一格；要更改的，请在人员页面另行申请。"
        return line.wrong(Problem("GEN-409", "email", message))
    if duty is not None and not duty.is_over():
        return replace(line, state=KNOWN)
    return line
