"""Where institutions state different things of one person, and where one found a record: kept, told, decided by staff.

An institution never learns of it before the decision: what it entered stays as it entered it (decision "facts belong to
who entered them").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from yancheng_childcare.choices import Role
from yancheng_childcare.notifications import holders, notify, settle
from yancheng_childcare.places import reaches
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..choices import CredentialKind, DiscrepancyKind, Education
from ..codes import people as codes
from ..models import Credential, Institution, Person, PersonDiscrepancy, Post
from ..rules.values import TextRule, read_text
from ..signals import people_changed

UPHELD, CLEARED, SETTLED = "UPHELD", "CLEARED", "SETTLED"
RECORD_OPTIONS = {UPHELD: "核实确有记录，不得从业", CLEARED: "核实后解除，可以从业"}
DECIDERS = (Role.REVIEWER, Role.CHIEF)
REASON = TextRule("核实的依据", 300, lines=True)
SHORTEST_REASON = 4
SEALED = ("phone", "institution__legal_rep_id_no", "institution__contact_phone")


def compare_statements(post: Post, *, actor: Any) -> None:
    """Open what a new post states differently from the other institutions. The person's row must be locked."""
    person = post.person
    others = list(
        Post.objects.filter(person=person)
        .exclude(institution=post.institution_id)
        .select_related("institution__region")
        .defer(*SEALED)
    )
    if post.written_name != person.name:
        if not others and not person.name_confirmed:
            # Nobody else has stated anything: the institution puts its own entry right.
            Person.objects.filter(pk=person.pk).update(name=post.written_name, record_version=person.record_version + 1)
            person.name = post.written_name
        else:
            differing = [other for other in others if other.written_name != post.written_name]
            _open(person, DiscrepancyKind.NAME, [post, *differing], actor)
    here = [other for other in others if other.ended_on is None]
    stated = post.stated_education
    differing = [other for other in here if stated and other.stated_education not in {"", stated}]
    if differing or (stated and person.confirmed_education not in {"", stated}):
        _open(person, DiscrepancyKind.EDUCATION, [post, *differing], actor)
    busy = [other for other in here if other.full_time and post.full_time]
    if busy:
        _open(person, DiscrepancyKind.FULL_TIME, [post, *busy], actor)


def report_record(paper: Credential, *, actor: Any) -> None:
    """Bring a found record, or a check without one beside a found record, before the reviewers of every county concerned.

    The person's row must be locked.
    """
    if not Credential.objects.found().filter(person=paper.person_id).exists():
        return
    posts = Post.objects.current().filter(person=paper.person_id).exclude(institution=paper.institution_id)
    found_by = Credential.objects.found().filter(person=paper.person_id).exclude(institution=paper.institution_id)
    rows: list[Any] = [paper]
    for found in (posts, found_by):
        rows += found.select_related("institution__region").defer(*(SEALED if found is posts else SEALED[1:]))
    _open(paper.person, DiscrepancyKind.RECORD, rows, actor)


def _open(person: Person, kind: DiscrepancyKind, statements: Iterable[Any], actor: Any) -> None:
    """One open row for each person and kind; whoever states something more joins it, and all reviewers are told again."""
    places: dict[int, Institution] = {row.institution_id: row.institution for row in statements}
    row, _ = PersonDiscrepancy.objects.get_or_create(
        person=person, kind=kind, decided_at=None, defaults={"opened_by": actor}
    )
    row.institutions.add(*places)
    for place in places.values():
        log_event(
            "person.discrepancy",
            subject=person.subject,
            summary=f"人员信息待核实：{kind.label}",
            actor=actor,
            region_prefix=place.region.prefix,
            data={"kind": kind, "uscc": place.uscc},
        )
    notify(
        _deciders(places.values()),
        title="人员登记需要核实",
        body=f"{'、'.join(place.name for place in places.values())}登记的人员：{kind.label}，请核实。",
        url=reverse("people:discrepancy", args=[row.pk]),
    )


def _deciders(places: Iterable[Institution]) -> list[Any]:
    """The health staff of the counties of these institutions."""
    return [user for place in places for user in holders(*DECIDERS, region_prefix=place.region.prefix)]


def may_decide(actor: Any, found: PersonDiscrepancy) -> bool:
    """Reviewer or chief of the county of one of the institutions, tied to none of them (domain.md §2.5)."""
    places = list(found.institutions.all())
    own = {duty.uscc for duty in actor.duties_as(Role.OPERATOR)}
    if own & {place.uscc for place in places}:
        return False
    return any(reaches(actor, place.region.prefix, *DECIDERS) for place in places)


def statements(found: PersonDiscrepancy) -> list[Any]:
    """What each institution entered on this point, oldest first: posts, or record checks. One query."""
    places = [place.pk for place in found.institutions.all()]
    if found.kind == DiscrepancyKind.RECORD:
        papers = Credential.objects.filter(kind=CredentialKind.CRIMINAL_CHECK)
        rows: Any = papers.defer(*SEALED[1:])
    else:
        rows = Post.objects.defer(*SEALED)
    rows = rows.filter(person=found.person_id, institution__in=places)
    return list(rows.select_related("institution__region", "created_by", "person").order_by("pk"))


def options(found: PersonDiscrepancy, stated: list[Any]) -> dict[str, str]:
    """What can be decided, by code: the values stated; an institution for full-time; found or cleared for a record."""
    if found.kind == DiscrepancyKind.RECORD:
        return RECORD_OPTIONS
    if found.kind == DiscrepancyKind.NAME:
        names = [found.person.name, *(post.written_name for post in stated)]
        return {name: name for name in names}
    if found.kind == DiscrepancyKind.EDUCATION:
        values = {found.person.confirmed_education, *(post.stated_education for post in stated)} - {""}
        return {value: str(label) for value, label in Education.choices if value in values}
    full = {post.institution.uscc: post.institution.name for post in stated if post.full_time and post.ended_on is None}
    return {**full, **({SETTLED: "已经没有冲突（离岗或改为兼职）"} if len(full) < 2 else {})}  # noqa: PLR2004  two clash


def decide_discrepancy(found: PersonDiscrepancy, *, choice: str, reason: str, actor: Any) -> PersonDiscrepancy:
    """Decide what is right of the person, with the reason; every institution concerned is told the result.

    Raises Rejected: 403 not the actor's area or an own institution, 409 decided already, 422 no such choice or no reason.
    """
    if not may_decide(actor, found):
        words = "您的职责不包括核实这项人员信息，请联系所涉机构所在地的卫生健康部门。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    problems: list[Problem] = []
    because = read_text("reason", reason, REASON, problems) or ""
    if len(because) < SHORTEST_REASON and not problems:
        problems.append(Problem(codes.REQUIRED, "reason", "请写明核实的依据（不少于 4 个字），会留存备查。"))
    with transaction.atomic():
        # The person first, as everybody who states something does: a statement made meanwhile is seen or waits.
        person = Person.objects.select_for_update().get(pk=found.person_id)
        row = PersonDiscrepancy.objects.select_for_update().get(pk=found.pk)
        if row.decided_at is not None:
            raise Rejected(Problem("GEN-409", "", "这一项已经核实，请刷新页面查看结果。"), status=409)
        row.person = person
        stated = statements(row)
        if choice not in options(row, stated):
            problems.append(Problem(codes.REQUIRED, "choice", "请选择核实结果。"))
        if problems:
            raise Rejected(problems)
        _settle(row, person, choice, actor)
        row.outcome, row.reason, row.decided_by, row.decided_at = choice, because, actor, timezone.now()
        row.save()
        for place in row.institutions.select_related("region"):
            log_event(
                "person.verified",
                subject=person.subject,
                summary=f"核实人员信息：{row.get_kind_display()}",
                actor=actor,
                region_prefix=place.region.prefix,
                data={"kind": row.kind, "uscc": place.uscc, "discrepancy": row.pk},
            )
        settle(_deciders(row.institutions.select_related("region")), reverse("people:discrepancy", args=[row.pk]))
        _tell_institutions(row, choice)
        refresh_places(person)
    return row


def _settle(row: PersonDiscrepancy, person: Person, choice: str, actor: Any) -> None:
    """Make the decision count: confirmed facts on the person, a post to part-time, a record cleared."""
    if row.kind == DiscrepancyKind.NAME:
        person.name, person.name_confirmed = choice, True
    elif row.kind == DiscrepancyKind.EDUCATION:
        person.confirmed_education = choice
    elif row.kind == DiscrepancyKind.FULL_TIME and choice != SETTLED:
        full = Post.objects.current().filter(person=person, full_time=True, institution__in=row.institutions.all())
        full.exclude(institution__uscc=choice).update(full_time=False)
    elif choice == CLEARED:
        Credential.objects.found().filter(person=person).update(cleared_at=timezone.now(), cleared_by=actor)
    person.record_version += 1
    person.save()


def _tell_institutions(row: PersonDiscrepancy, choice: str) -> None:
    """Each institution where the person works learns the result on its own entry, and nothing of the others."""
    posts = Post.objects.current().filter(person=row.person_id, institution__in=row.institutions.all())
    results = {
        DiscrepancyKind.NAME: f"姓名为“{choice}”",
        DiscrepancyKind.EDUCATION: f"学历为“{dict(Education.choices).get(choice, '')}”",
    }
    for post in posts.select_related("person", "institution").defer(*SEALED):
        result = results.get(DiscrepancyKind(row.kind), "请查看该人员的页面")
        if row.kind == DiscrepancyKind.FULL_TIME:
            result = "在本机构为全职" if post.full_time else "在本机构为兼职"
        notify(
            holders(Role.OPERATOR, uscc=post.institution.uscc),
            title="人员信息已核实",
            body=f"{post.name}的登记信息已由卫生健康部门核实：{result}。有异议的，请联系所在地卫生健康部门。",
            url=reverse("people:detail", args=[post.pk]),
        )


def refresh_places(person: Person) -> None:
    """The public register counts people and their papers: bring every institution up to date where this one works."""
    places = Institution.objects.filter(posts__person=person, posts__ended_on=None).exclude(filing_state="")
    for place in places.values_list("pk", flat=True).distinct():
        people_changed.send(Post, institution_id=place)
