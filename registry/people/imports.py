"""Batch import of people: a table row by row, on the engine of `casework.imports`.

Each row is judged by the rule of the form (`services.check_person`) and taken by the same service, so both ways in agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from casework.imports.cells import straight_day, whole
from casework.imports.columns import Column, Columns, Sheet, plain
from casework.imports.intake import keep_table
from casework.imports.report import KNOWN, NEW, WRONG, Cells, Line, Report, read_lines
from yancheng_childcare.blanks import BLANKS
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected, blocking

from ..choices import Education, PostRole
from ..codes import people as codes
from ..file_purposes import PERSON_IMPORT
from ..models import Institution, Post
from ..rules.characters import UNREADABLE
from ..rules.identity import make_id_number
from .facts import banned_indexes
from .services import ENTERED, LABELS, NEUTRAL, OTHER_NAME_HERE, add_post, check_person, report_refused, require_own

MAX_ROWS = 2_000
_MORE_ROLES = {
    "负责人": "PRINCIPAL", "园长": "PRINCIPAL", "保育员": "CARER", "保育师": "CARER", "育婴员": "CARER", "保健员": "HEALTH",
    "保健人员": "HEALTH", "保健医": "HEALTH", "炊事员": "COOK", "厨师": "COOK", "保安": "GUARD", "保安员": "GUARD",
    "综合管理": "MANAGER", "外聘": "EXTERNAL",
}  # fmt: skip
_MORE_EDUCATION = {
    "初中": "JUNIOR", "高中": "SENIOR", "中专": "SENIOR", "专科": "COLLEGE", "大学专科": "COLLEGE", "本科": "BACHELOR",
    "大学本科": "BACHELOR", "硕士": "BACHELOR", "研究生": "BACHELOR",
}  # fmt: skip
_FULL_TIME = {"全职": "yes", "专职": "yes", "是": "yes", "兼职": "no", "否": "no", "": "yes"}
_CONFIRMED = {"是": "yes", "已确认": "yes", "无": "yes", "否": "no", "未确认": "no", "": "no"}


def _column(name: str, told: str, also: str = "", **more: Any) -> Column:
    return Column(name, LABELS[name], told, also=tuple(also.split()), text=True, **more)


def _listed(kind: Any, more: Mapping[str, str]) -> dict[str, Any]:
    return {
        "choices": tuple(str(label) for label in kind.labels),
        "words": {**{plain(label): value for value, label in kind.choices}, **more},
    }


def _examples() -> list[Sheet]:
    """Invented people: no number belongs to anybody."""
    rows = [
        ("李示例", 1, "13800000001", "本科及以上", "6", "是", "机构负责人", "全职", "2026-03-02"),
        ("王示例", 2, "13800000002", "大专", "3", "是", "保育人员", "全职", "2026-03-02"),
        ("赵示例", 3, "", "高中（中专）", "", "是", "炊事人员", "兼职", "2026-04-01"),
    ]
    people = [[name, make_id_number("320902", date(1990, 1, n), 900 + n), *more] for name, n, *more in rows]
    return [Sheet("示例", [LABELS[name] for name in ENTERED], people, [16, 24, *[18] * 7])]


COLUMNS = Columns(
    "从业人员导入模板",
    "人员信息",
    (
        _column("name", "与身份证一致，不超过 50 字", required=True),
        _column("id_no", "18 位，文本格式", "身份证 证件号码 证件号 公民身份号码", required=True),
        _column("phone", "11 位手机号，或带区号的座机", "手机 手机号 电话"),
        _column("education", "从下拉列表选择", "文化程度", **_listed(Education, _MORE_EDUCATION)),
        _column(
            "experience_years",
            "儿童保育教育或卫生健康方面的工作年数，整数；机构负责人需满 3 年",
            "经历年数 从业年限",
        ),
        _column(
            "no_mental_illness",
            "已向本人确认没有精神病史的填“是”；不填按“否”，提交备案前须确认",
            "无精神病史",
            choices=("是", "否"),
            words=_CONFIRMED,
        ),
        _column("role", "从下拉列表选择", "职务 工作岗位", required=True, **_listed(PostRole, _MORE_ROLES)),
        _column(
            "full_time",
            "不填按全职；一个人同时只能有一个全职岗位",
            "全职 用工形式",
            choices=("全职", "兼职"),
            words=_FULL_TIME,
        ),
        _column("started_on", "年-月-日，例如 2026-03-02", "入职日期 到岗日期", required=True),
    ),
    "没有找到表头。表头应含“姓名”“身份证号”“岗位”“上岗日期”等列，请下载模板填写。",
    "表格只有表头，没有数据行。请在表头下面每行填写一个人。",
    formatted=MAX_ROWS,
    more_sheets=_examples,
)


def keep_import(uploaded: Any, *, institution: Institution, actor: Any) -> StoredFile:
    """Take a table in, or return the kept one of the same content (`person_import_once`). No area is set on it.

    Raises Rejected: 403, FILE codes of the intake, and the reader's codes when it cannot be read as a table.
    """
    require_own(institution, actor)
    return keep_table(
        uploaded, purpose=PERSON_IMPORT, columns=COLUMNS, limit=MAX_ROWS, actor=actor, once={"uscc": institution.uscc}
    )


def check_import(file: StoredFile, institution: Institution, *, today: date) -> Report:
    """Everything about every row, nothing stored, nobody told. Two queries. Raises Rejected for an unreadable file."""
    read = read_lines(file, COLUMNS, MAX_ROWS, lambda number, cells, odd: _read_line(number, cells, odd, today))
    return replace(read, lines=tuple(_against_records(_among_themselves(read.lines), institution, today)))


def report_banned(report: Report, institution: Institution, *, actor: Any) -> None:
    """A refused person is reported as soon as the table is handed in, so that a trial run cannot ask in secret."""
    for line in report.lines:
        if any(problem.code == codes.NOT_ELIGIBLE for problem in line.problems):
            report_refused(institution, actor=actor)


def take_import(report: Report, institution: Institution, *, actor: Any, today: date) -> dict[str, int]:
    """Take the good rows on; the same file twice adds nobody. Returns how many are new, known, wrong."""
    done = {NEW: 0, KNOWN: len(report.in_state(KNOWN)), WRONG: len(report.in_state(WRONG))}
    for line in report.in_state(NEW):
        try:
            add_post(institution, data=line.data, actor=actor, today=today)
            done[NEW] += 1
        except Rejected as rejected:
            if rejected.status == 403:
                raise
            done[KNOWN if rejected.code == codes.POST_TWICE else WRONG] += 1
    return done


def _read_line(number: int, cells: Cells, odd: tuple[Problem, ...], today: date) -> Line:
    found = list(odd)
    data = {name: _value(name, value, found) for name, value in cells.items()}
    values, more = check_person(data, today=today)
    said = {problem.field for problem in found}
    found += [problem for problem in more if problem.field not in said]
    line = Line(number, data)
    if stop := blocking(found):
        return line.wrong(*stop)
    return replace(line, index=blind_index(values["id_no"], "person"), data={**data, "name": values["name"]})


def _value(name: str, value: Any, found: list[Problem]) -> Any:
    """A cell as the form would have sent it: labels become codes, days become days, whole numbers lose their point."""
    if name == "id_no" and isinstance(value, (int, float)) and not isinstance(value, bool):
        words = "身份证号是数字格式，末几位可能已被表格软件改写。请把这一列设为文本格式，对照证件重填。"
        found.append(Problem(codes.VALUE, name, words))
        return ""
    if isinstance(value, bool):
        value = "是" if value else "否"
    if name == "started_on" and isinstance(value, date):
        return straight_day(value)
    text = str(whole(value)).strip(BLANKS).removeprefix("'")
    if name == "started_on":
        return straight_day(text)
    codes_of = COLUMNS.words.get(name)
    if codes_of and not UNREADABLE.fullmatch(text):
        known = codes_of.get(plain(text))
        if known is None and text in {*codes_of.values()}:
            known = text
        if known is None and name in {"full_time", "no_mental_illness"}:
            allowed = "“全职”或“兼职”" if name == "full_time" else "“是”或“否”"
            found.append(Problem(codes.VALUE, name, f"请填{allowed}。"))
        return text if known is None else known
    return text


def _among_themselves(lines: Iterable[Line]) -> list[Line]:
    """Rows of one file against each other: the same post twice, two names for one number, two full-time posts."""
    names: dict[str, tuple[str, int]] = {}
    posts: dict[tuple[str, str], int] = {}
    full_time: dict[str, int] = {}
    judged = []
    for line in lines:
        if line.state != WRONG:
            key = (line.index, str(line.data["role"]))
            name, first = names.setdefault(line.index, (line.data["name"], line.number))
            if name != line.data["name"]:
                words = f"与第 {first} 行是同一个身份证号，姓名却不同，请对照证件核对。"
                line = line.wrong(Problem(codes.OTHER_NAME, "name", words))
            elif key in posts:
                words = f"与第 {posts[key]} 行是同一个人、同一个岗位，请删除其中一行。"
                line = line.wrong(Problem(codes.POST_TWICE, "role", words))
            elif line.data["full_time"] == "yes" and line.index in full_time:
                words = f"与第 {full_time[line.index]} 行是同一个人，一个人只能登记一个全职岗位，另一个请填兼职。"
                line = line.wrong(Problem(codes.FULL_TIME_ELSEWHERE, "full_time", words))
            else:
                posts[key] = line.number
                if line.data["full_time"] == "yes":
                    full_time[line.index] = line.number
        judged.append(line)
    return judged


def _against_records(lines: list[Line], institution: Institution, today: date) -> list[Line]:
    """Rows against bans and against the posts of this institution; other institutions' posts must not show here."""
    indexes = list({line.index for line in lines if line.index})
    banned = banned_indexes(indexes, today)
    here: set[tuple[str, str]] = set()
    busy: set[str] = set()
    names: dict[str, str] = {}
    posts = Post.objects.current().filter(institution=institution, person__id_index__in=indexes)
    for post in posts.select_related("person").defer("person__id_no", "phone"):
        index = post.person.id_index
        here.add((index, post.role))
        names[index] = post.name
        if post.full_time:
            busy.add(index)
    return [_judged(line, banned, names, here, busy) if line.state == NEW else line for line in lines]


def _judged(line: Line, banned: set[str], names: Mapping[str, str], here: set[tuple[str, str]], busy: set[str]) -> Line:
    if line.index in banned:
        return line.wrong(Problem(codes.NOT_ELIGIBLE, "id_no", NEUTRAL))
    if names.get(line.index, line.data["name"]) != line.data["name"]:
        return line.wrong(Problem(codes.OTHER_NAME, "name", OTHER_NAME_HERE))
    if (line.index, str(line.data["role"])) in here:
        return replace(line, state=KNOWN)
    if line.data["full_time"] == "yes" and line.index in busy:
        words = "该人员已在本机构的另一个全职岗位上。另一个岗位请填兼职。"
        return line.wrong(Problem(codes.FULL_TIME_ELSEWHERE, "full_time", words))
    return line
