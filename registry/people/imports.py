"""Batch import of people: read a table, say everything that is wrong with it, then take the good rows.

The file is read with the reader of the registration import; each row is judged by the rule of the form
(`services.check_person`) and taken by the same service, so both ways in agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from yancheng_childcare.crypto import blind_index
from yancheng_childcare.files import SHEETS, fingerprint_of, intake, keep
from yancheng_childcare.models import StoredFile
from yancheng_childcare.problems import Problem, Rejected, blocking

from ..choices import Education, PostRole
from ..codes import people as codes
from ..file_purposes import PERSON_IMPORT
from ..models import Institution, Post
from ..registration.imports.columns import PROBLEM_COLUMN, Columns, plain
from ..registration.imports.reading import Table, open_table, open_upload
from ..rules.characters import BLANKS, UNREADABLE
from .facts import banned_indexes
from .services import ENTERED, LABELS, NEUTRAL, OTHER_NAME_HERE, add_post, check_person, report_refused, require_own

MAX_ROWS = 2_000
_ALSO = {
    "身份证": "id_no", "证件号码": "id_no", "证件号": "id_no", "公民身份号码": "id_no", "手机": "phone", "手机号": "phone",
    "电话": "phone", "文化程度": "education", "经历年数": "experience_years", "从业年限": "experience_years",
    "无精神病史": "no_mental_illness", "职务": "role", "工作岗位": "role", "全职": "full_time", "用工形式": "full_time",
    "入职日期": "started_on", "到岗日期": "started_on",
}  # fmt: skip
COLUMNS = Columns(
    headers={
        **{plain(text): name for text, name in _ALSO.items()},
        **{plain(name): name for name in ENTERED},
        **{plain(label): name for name, label in LABELS.items()},
    },
    labels=LABELS,
    required=("name", "id_no", "role", "started_on"),
    no_header="没有找到表头。表头应含“姓名”“身份证号”“岗位”“上岗日期”等列，请下载模板填写。",
    empty="表格只有表头，没有数据行。请在表头下面每行填写一个人。",
)
_MORE_ROLES = {
    "负责人": "PRINCIPAL", "园长": "PRINCIPAL", "保育员": "CARER", "保育师": "CARER", "育婴员": "CARER", "保健员": "HEALTH",
    "保健人员": "HEALTH", "保健医": "HEALTH", "炊事员": "COOK", "厨师": "COOK", "保安": "GUARD", "保安员": "GUARD",
    "综合管理": "MANAGER", "外聘": "EXTERNAL",
}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "role": {**{plain(label): value for value, label in PostRole.choices}, **_MORE_ROLES},
    "education": {
        **{plain(label): value for value, label in Education.choices},
        "初中": "JUNIOR", "高中": "SENIOR", "中专": "SENIOR", "专科": "COLLEGE", "大学专科": "COLLEGE", "本科": "BACHELOR",
        "大学本科": "BACHELOR", "硕士": "BACHELOR", "研究生": "BACHELOR",
    },
    "full_time": {"全职": "yes", "专职": "yes", "是": "yes", "兼职": "no", "否": "no", "": "yes"},
    "no_mental_illness": {"是": "yes", "已确认": "yes", "无": "yes", "否": "no", "未确认": "no", "": "no"},
}  # fmt: skip
_DAY = re.compile(r"([12][0-9]{3})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:\s+0?0:00(?::00)?)?")
NEW, KNOWN, WRONG = "NEW", "KNOWN", "WRONG"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, what it says, what is wrong, and whether it is new, already there or wrong."""

    number: int
    cells: tuple[Any, ...] = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    index: str = ""
    problems: tuple[Problem, ...] = ()
    state: str = NEW

    @property
    def name(self) -> str:
        """Who it is about, as typed; never a number."""
        return str(self.data["name"])[:20]

    def wrong(self, *problems: Problem) -> Line:
        """The same line with these problems."""
        return replace(self, problems=(*self.problems, *problems), state=WRONG)


@dataclass(frozen=True, slots=True)
class Report:
    """What a table holds, row by row, and remarks on its header."""

    lines: tuple[Line, ...]
    titles: tuple[str, ...]
    remarks: tuple[Problem, ...]

    def in_state(self, state: str) -> list[Line]:
        """The rows that are NEW, KNOWN or WRONG."""
        return [line for line in self.lines if line.state == state]

    @property
    def problem_rows(self) -> list[dict[str, Any]]:
        """Row, column, code and message of everything that is wrong, in the order of the file."""
        return [
            {"line": line.number, "name": line.name, "column": LABELS.get(p.field, "整行"), "problem": p}
            for line in self.in_state(WRONG)
            for p in line.problems
        ]


def keep_import(uploaded: Any, *, institution: Institution, actor: Any) -> StoredFile:
    """Take a table in, or return the kept one of the same content (`person_import_once`). No area is set on it.

    Raises Rejected: 403, FILE codes of the intake, and the reader's codes when it cannot be read as a table.
    """
    require_own(institution, actor)
    taken = intake(uploaded, purpose=PERSON_IMPORT, allowed=SHEETS, field="file")
    # Read to the end before anything is stored: what cannot be read as a table leaves nothing behind.
    with open_upload(taken, columns=COLUMNS, limit=MAX_ROWS) as table:
        for _ in table.pieces:
            continue
    same = StoredFile.objects.filter(
        purpose=PERSON_IMPORT, uscc=institution.uscc, fingerprint=fingerprint_of(taken.data), deleted_at__isnull=True
    )
    if kept := same.first():
        return kept
    try:
        return keep(taken, uploaded_by=actor, uscc=institution.uscc)
    except IntegrityError:
        if kept := same.first():
            return kept
        raise


def check_import(file: StoredFile, institution: Institution, *, today: date) -> Report:
    """Everything about every row, nothing stored, nobody told. Two queries. Raises Rejected for an unreadable file."""
    with open_table(file, columns=COLUMNS, limit=MAX_ROWS) as table:
        lines = [_read_line(number, cells, table, today) for number, cells in table.rows]
    judged = _against_records(_among_themselves(lines), institution, today)
    return Report(tuple(judged), table.header.titles, table.header.remarks)


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


def bad_rows(report: Report) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows that cannot be taken: the cells as they were, and what is wrong beside them."""
    kept = [i for i, title in enumerate(report.titles) if title and plain(title) != PROBLEM_COLUMN]

    def rows() -> Iterator[list[Any]]:
        for line in report.in_state(WRONG):
            words = "；".join(f"{LABELS.get(p.field, '')}：{p.message}".lstrip("：") for p in line.problems)
            yield [*(_shown(line.cells[i]) if i < len(line.cells) else "" for i in kept), words]

    return [*(report.titles[i] for i in kept), PROBLEM_COLUMN], rows()


def number_titles(report: Report) -> list[str]:
    """The titles of columns whose digits a spreadsheet must not touch."""
    return [title for title in report.titles if COLUMNS.headers.get(plain(title)) in {"id_no", "phone", "started_on"}]


def _read_line(number: int, cells: Sequence[Any], table: Table, today: date) -> Line:
    found: list[Problem] = list(table.odd(number, cells))
    data: dict[str, Any] = {}
    for name in ENTERED:
        position = table.header.columns.get(name)
        value = cells[position] if position is not None and position < len(cells) else ""
        data[name] = _value(name, value, found)
    values, more = check_person(data, today=today)
    said = {problem.field for problem in found}
    found += [problem for problem in more if problem.field not in said]
    line = Line(number, tuple(cells), data)
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
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if name == "started_on":
        return _day(value)
    text = str(value).strip(BLANKS).removeprefix("'")
    if name in WORDS and not UNREADABLE.fullmatch(text):
        known = WORDS[name].get(plain(text))
        if known is None and text in {*WORDS[name].values()}:
            known = text
        if known is None and name in {"full_time", "no_mental_illness"}:
            allowed = "“全职”或“兼职”" if name == "full_time" else "“是”或“否”"
            found.append(Problem(codes.VALUE, name, f"请填{allowed}。"))
        return text if known is None else known
    return text


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip(BLANKS).removeprefix("'")
    read = _DAY.fullmatch(text)
    return f"{read[1]}-{int(read[2]):02d}-{int(read[3]):02d}" if read else text


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return int(value)
    return value


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
