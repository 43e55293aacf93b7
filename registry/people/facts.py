"""The people of an institution as the filing rules see them, on a given day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..choices import CredentialKind, PostRole
from ..models import Institution, PersonBan, Post
from ..rules.filing.facts import StaffFacts

# Papers that make somebody fit for a post (domain.md §9.1).
QUALIFYING: dict[str, frozenset[str]] = {
    PostRole.PRINCIPAL: frozenset({CredentialKind.PRINCIPAL_TRAINING}),
    PostRole.CARER: frozenset({CredentialKind.CHILDCARE, CredentialKind.MAJOR}),
    PostRole.HEALTH: frozenset({CredentialKind.HEALTH_TRAINING}),
    PostRole.GUARD: frozenset({CredentialKind.GUARD_LICENCE}),
}


# Kept as "found or not" only, never as a scan (domain.md §4).
BARE_KINDS = frozenset({CredentialKind.CRIMINAL_CHECK})


@dataclass(frozen=True, slots=True)
class Paper:
    """A current paper as the post's own institution entered it, read together with the post."""

    kind: str
    number: str
    issuer: str
    issued_on: date
    valid_to: date | None
    record_found: bool
    cleared_at: str | None
    file_id: str | None

    @property
    def label(self) -> str:
        """Its name in Chinese."""
        return str(CredentialKind(self.kind).label)

    @property
    def found(self) -> bool:
        """A record was found and nobody has cleared it."""
        return self.record_found and self.cleared_at is None


@dataclass(frozen=True, slots=True)
class Staff:
    """One post with the person's current papers and what the rules see of it."""

    post: Post
    papers: dict[str, Paper]
    facts: StaffFacts

    @property
    def hours(self) -> int:
        """Hours of training as the post's own institution entered them."""
        return int(self.facts.training_hours or 0)

    def may_work(self, today: date) -> bool:
        """Whether this person may be on duty today."""
        return bool(self.facts.may_work(today))


def staff_of(institution: Institution, today: date) -> list[Staff]:
    """Everybody with a current post, with papers, hours and bans. One query, whatever the number of people."""
    return staff_by_institution([institution.pk], today)[institution.pk]


def staff_by_institution(institutions: Collection[int], today: date) -> dict[int, list[Staff]]:
    """`staff_of` by primary key for many institutions, with one query in all; [] where nobody works."""
    found: dict[int, list[Staff]] = {pk: [] for pk in institutions}
    posts = Post.objects.current().filter(institution__in=institutions).described(today)
    # Numbers are for the pages of one person: decrypting them was a tenth of the nightly run.
    posts = posts.select_related("person").defer("person__id_no", "phone")
    for one in describe(posts.order_by("role", "id")):
        found[one.post.institution_id].append(one)
    return found


def describe(posts: Iterable[Post]) -> list[Staff]:
    """The same for any posts read with `described` and their person; no query of its own.

    Each post is judged by what its own institution entered and by what health staff confirmed; of what others entered
    only a found record counts.
    """
    staff = []
    for post in posts:
        papers = {row["kind"]: _paper(row) for row in post.held}
        staff.append(Staff(post, papers, _facts(post, papers)))
    return staff


def _paper(row: dict[str, Any]) -> Paper:
    until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return Paper(**row | {"issued_on": date.fromisoformat(row["issued_on"]), "valid_to": until})


def banned_indexes(indexes: list[str], today: date) -> set[str]:
    """Which of these people may not care for infants today (人口与计划生育法 第41条)."""
    return set(PersonBan.objects.holding(today).filter(id_index__in=indexes).values_list("id_index", flat=True))


def _facts(post: Post, papers: dict[str, Paper]) -> StaffFacts:
    health, check, food = (
        papers.get(kind) for kind in (CredentialKind.HEALTH, CredentialKind.CRIMINAL_CHECK, CredentialKind.FOOD_HEALTH)
    )
    shown = {kind for kind, paper in papers.items() if paper.file_id}  # a qualification without its paper is none
    return StaffFacts(
        role=post.role,
        full_time=post.full_time,
        name=post.name,
        education=post.education or None,
        experience_years=post.experience_years,
        qualified=bool(QUALIFYING.get(post.role, frozenset()) & shown) if post.role in QUALIFYING else True,
        training_hours=post.trained_hours,
        health_until=health.valid_to if health else None,
        criminal_check_until=check.valid_to if check else None,
        criminal_record=True if post.record_waits else (False if check else None),
        banned=post.barred,
        mental_illness=False if post.no_mental_illness else None,
        guard_licence=CredentialKind.GUARD_LICENCE in shown,
        guard_company=CredentialKind.GUARD_CONTRACT in shown,
        food_health_until=food.valid_to if food else None,
    )


def wanted_papers(role: str) -> list[str]:
    """The papers that may stand for a post, in reading order: those everybody needs, then its qualifications."""
    kinds = {CredentialKind.HEALTH, *QUALIFYING.get(role, ())}
    kinds |= {CredentialKind.FOOD_HEALTH} if role == PostRole.COOK else set()
    kinds |= {CredentialKind.GUARD_CONTRACT} if role == PostRole.GUARD else set()
    return [kind.value for kind in CredentialKind if kind in kinds]


def needs_scan(paper: Paper) -> bool:
    """Entered by its day only: the paper itself is still to be handed in (25号文 第8条)."""
    return not paper.file_id and paper.kind not in BARE_KINDS


def gaps(staff: Staff, today: date) -> list[str]:
    """What keeps this person off duty or will soon, in words for the institution; never names a ban as such."""
    facts, found = staff.facts, []
    if facts.banned or facts.criminal_record:
        found.append("暂不能上岗，请联系所在地卫生健康部门核实")
    if facts.health_until is None:
        found.append("未登记健康合格证")
    elif facts.health_until < today:
        found.append(f"健康合格证已于 {facts.health_until} 到期")
    if facts.criminal_check_until is None:
        found.append("未登记违法犯罪记录查询告知函")
    elif facts.criminal_check_until < today:
        found.append(f"违法犯罪记录查询已于 {facts.criminal_check_until} 满一年")
    if staff.post.role == PostRole.COOK and (facts.food_health_until is None or facts.food_health_until < today):
        found.append("没有有效的餐饮从业健康证明")
    waiting = [
        kind for kind in wanted_papers(staff.post.role) if kind in staff.papers and needs_scan(staff.papers[kind])
    ]
    if not facts.qualified and not QUALIFYING.get(staff.post.role, frozenset()) & set(waiting):
        found.append("未登记岗位所需的资格或培训证明")
    found += [f"{CredentialKind(kind).label}待上传扫描件" for kind in waiting]
    if facts.mental_illness is None:
        found.append("未确认无精神病史")
    return found


def snapshot(staff: Iterable[Staff]) -> list[dict[str, Any]]:
    """The people as they are handed in: name, post and days; no numbers, no details of a record check."""
    return [
        {
            "post": entry.post.pk,
            "name": entry.post.name,
            "role": entry.post.role,
            "full_time": entry.post.full_time,
            "education": entry.post.education,
            "health_until": str(entry.facts.health_until or ""),
            "criminal_check_until": str(entry.facts.criminal_check_until or ""),
            "qualified": bool(entry.facts.qualified),
            "hours": entry.hours,
            "papers": [
                {"kind": kind, "valid_to": str(paper.valid_to or ""), "file": str(paper.file_id or "")}
                for kind, paper in sorted(entry.papers.items())
                if kind not in BARE_KINDS
            ],
        }
        for entry in staff
    ]
