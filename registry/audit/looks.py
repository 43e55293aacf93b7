"""Who looked at whose personal data, for the auditors: which looks, of whom, at whom, and in which words.

The looks themselves are acts of the kernel (`unmasking.keep_look`); here they get the names of institutions and people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from casework.models import Case
from yancheng_childcare.choices import LOOK, LOOK_ALERT
from yancheng_childcare.file_purposes import purpose_of
from yancheng_childcare.models import Event, StoredFile, User
from yancheng_childcare.workdays import SHANGHAI

from ..models import Institution, Person, Post, subject_of
from ..registration.fields import LABELS

#: What was looked at → (words, which acts). The order is that of the filter.
ITEMS: dict[str, tuple[str, Q]] = {
    "legal_rep_id_no": (LABELS["legal_rep_id_no"], Q(action=LOOK, data__field="legal_rep_id_no")),
    "contact_phone": (f"机构{LABELS['contact_phone']}", Q(action=LOOK, data__field="contact_phone")),
    "id_no": ("从业人员证件号码", Q(action=LOOK, data__field="id_no")),
    "filing_phone": ("备案联系人电话", Q(action=LOOK, data__field="filing_phone")),
    "filing_email": ("备案联系人邮箱", Q(action=LOOK, data__field="filing_email")),
    "contact": ("报错人联系方式", Q(action=LOOK, data__field="contact")),
    "push": ("推送内容明文", Q(action=LOOK, data__has_key="webhook_id")),
    "file": ("打开文件", Q(action="file.read")),
    "export": ("导出表格", Q(action__in=("registry.exported", "deliveries.exported"))),
    "alert": ("集中查看提醒", Q(action=LOOK_ALERT)),
}
FIRST_YEAR, LAST_YEAR = 2000, 2200  # a year beyond them is a typing error and limits nothing
MOST = 1_000  # subjects one name may stand for; more are not told apart


@dataclass(frozen=True, slots=True)
class Look:
    """One look in words. `uscc` is the institution it concerns, "" when none; `url` leads to what may be shown of it."""

    at: datetime
    viewer: str
    label: str
    item: str
    whom: str
    institution: str
    uscc: str
    reason: str
    case: str


def chosen(rows: Any, *, who: str, whom: str, item: str, since: date | None, until: date | None) -> Any:
    """The looks that pass the filters; each filter is served by an index of the acts (`event_looks…`)."""
    if since and since.year >= FIRST_YEAR:
        rows = rows.filter(at__gte=_midnight(since))
    if until and until.year < LAST_YEAR:
        rows = rows.filter(at__lt=_midnight(until) + timedelta(days=1))
    if who:
        viewers = User.objects.filter(Q(username=who) | Q(display_name__contains=who))
        rows = rows.filter(actor__in=list(viewers.values_list("pk", flat=True)[:MOST]))
    if whom:
        rows = rows.filter(subject__in=subjects_of(whom))
    if item in ITEMS:
        rows = rows.filter(ITEMS[item][1])
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def subjects_of(words: str) -> list[str]:
    """What acts call the institutions, people, reports and files that a code, a number or a part of a name means."""
    code = words.upper()
    named = Institution.objects.filter(Q(uscc=code) | Q(name__contains=words))
    places = list(named.order_by("pk").values_list("pk", "uscc")[:MOST])
    codes = [uscc for _, uscc in places]
    posts = Post.objects.filter(institution__in=[pk for pk, _ in places]).values_list("person", flat=True)
    people = Person.objects.filter(Q(name__contains=words) | Q(pk__in=posts)).values_list("pk", flat=True)
    cases = Case.objects.filter(Q(no=code) | Q(uscc__in=codes)).values_list("no", flat=True)
    files = StoredFile.objects.filter(uscc__in=codes).values_list("pk", flat=True)
    return [
        *(subject_of(uscc) for uscc in codes),
        *(f"registry.person:{pk}" for pk in people[:MOST]),
        *(f"casework.case:{no}" for no in cases[:MOST]),
        *(f"file:{pk}" for pk in files[:MOST]),
    ]


def described(acts: Iterable[Event]) -> list[Look]:
    """The acts in words. Three queries, whatever their number: institutions, people, files."""
    acts = list(acts)
    keys: dict[str, set[str]] = defaultdict(set)
    for act in acts:
        kind, _, key = act.subject.partition(":")
        keys[kind].add(key)
    files = {str(row.pk): row for row in StoredFile.objects.filter(pk__in=keys["file"]).only("purpose", "uscc")}
    codes = {*keys["registry.institution"], *(row.uscc for row in files.values())}
    codes |= {str(act.data.get("uscc") or "") for act in acts}
    names = dict(Institution.objects.filter(uscc__in=codes - {""}).values_list("uscc", "name"))
    people = dict(Person.objects.filter(pk__in=keys["registry.person"]).values_list("pk", "name"))
    return [_look(act, names, people, files) for act in acts]


def _look(act: Event, names: dict[str, str], people: dict[int, str], files: dict[str, StoredFile]) -> Look:
    kind, _, key = act.subject.partition(":")
    file = files.get(key) if kind == "file" else None
    uscc = key if kind == "registry.institution" else str(act.data.get("uscc") or (file.uscc if file else ""))
    return Look(
        at=act.at,
        viewer=act.actor_label.partition("（")[0],
        label=act.actor_label.partition("（")[2].removesuffix("）"),
        item=_item(act, file),
        whom=people.get(int(key), "") if kind == "registry.person" else "",
        institution=names.get(uscc, ""),
        uscc=uscc,
        reason=str(act.data.get("reason") or ""),
        case=key if kind == "casework.case" else "",
    )


def _item(act: Event, file: StoredFile | None) -> str:
    """What was looked at, in words; acts from before carry field names only."""
    if file is not None:
        return f"打开文件：{purpose_of(file.purpose).label}"
    if act.action == LOOK and act.data.get("field") in ITEMS:
        return ITEMS[act.data["field"]][0]
    if act.action == LOOK and act.data.get("fields"):
        return "推送内容明文：" + "、".join(LABELS.get(name, name) for name in act.data["fields"])
    return act.summary
