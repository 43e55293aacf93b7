"""What the pages of the ledger need of the reader: own institutions, one post in scope, tags for papers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ...choices import EDITED_FILING, CredentialKind, PostRole
from ...models import Filing, Institution, Post
from ...rules.filing.sections import PEOPLE, SECTIONS
from ..facts import QUALIFYING, Paper, Staff, needs_scan

HEALTH_PAPERS = frozenset({CredentialKind.HEALTH, CredentialKind.FOOD_HEALTH})
SHORT = {
    CredentialKind.HEALTH: "健康证",
    CredentialKind.CRIMINAL_CHECK: "违法犯罪记录查询",
    CredentialKind.FOOD_HEALTH: "餐饮健康证明",
    CredentialKind.GUARD_LICENCE: "保安员证",
}
CRUMB = {"label": "从业人员"}


def own_institutions(user: Any) -> Any:
    """The institutions the user acts for, by name; without the personal columns of the registration."""
    codes = [duty.uscc for duty in user.duties_as(Role.OPERATOR)]
    rows = Institution.objects.filter(uscc__in=codes).select_related("region").order_by("name", "uscc")
    return rows.defer("legal_rep_id_no", "contact_phone")


def is_operator(request: HttpRequest) -> bool:
    """Whether the reader sees the ledger as an institution does."""
    return Role.OPERATOR in opening_roles(request)


def is_own(user: Any, post: Post) -> bool:
    """Whether the user acts for the institution of this post."""
    return any(duty.uscc == post.institution.uscc for duty in user.duties_as(Role.OPERATOR))


def visible_post(request: HttpRequest, pk: int) -> Post:
    """A post in the reader's scope with person and institution; 404 otherwise. One query."""
    found = (
        Post.objects.visible_to(request.user, opening_roles(request))
        .select_related("person", "institution__region", "created_by")
        .defer("institution__legal_rep_id_no", "institution__contact_phone")
        .described(today_here())
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_post(request: HttpRequest, pk: int, *, current: bool = True) -> Post:
    """A post of the reader's own institution; 404 otherwise. Raises Rejected 409 when it has ended and must not have."""
    found = visible_post(request, pk)
    if not is_own(request.user, found):
        raise Http404
    if current and found.ended_on:
        words = "该人员已经离岗，不能再登记证件、培训或离岗。重新到岗的，请再次登记，本机构以前登记的证件会自动带入。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    return found


def threads(user: Any, institutions: Iterable[Institution]) -> list[dict[str, Any]]:
    """The filings these people are being registered for, with the way back and the step after this one. One query."""
    codes = {duty.uscc for duty in user.duties_as(Role.OPERATOR)}
    own = [row.pk for row in institutions if row.uscc in codes]
    rows = Filing.objects.filter(institution__in=own, status__in=EDITED_FILING).select_related("institution")
    number = SECTIONS.index(PEOPLE) + 1
    return [
        {
            "filing": row,
            "step": f"第 {number} 步，共 {len(SECTIONS)} 步：{PEOPLE.title}",
            "next": SECTIONS[number].title,
            "next_url": reverse("filing:section", args=[row.no, SECTIONS[number].name]),
        }
        for row in rows.order_by("-id")[:5]
    ]


def crumbs(post: Post | None = None) -> list[dict[str, str]]:
    """Breadcrumbs below the ledger."""
    found = [{**CRUMB, "url": reverse("people:list")}]
    if post is not None:
        found.append({"label": post.name, "url": reverse("people:detail", args=[post.pk])})
    return found


def wanted_kinds(role: str) -> list[str]:
    """The papers a post always needs, in reading order; qualifications are asked one of several."""
    kinds = [CredentialKind.HEALTH.value, CredentialKind.CRIMINAL_CHECK.value]
    if role == PostRole.COOK:
        kinds.append(CredentialKind.FOOD_HEALTH.value)
    if role == PostRole.GUARD:
        kinds += [CredentialKind.GUARD_LICENCE.value, CredentialKind.GUARD_CONTRACT.value]
    return kinds


def qualifying_kinds(role: str) -> list[str]:
    """The papers of which one makes fit for the post; none for posts that ask for all of theirs."""
    return [] if role == PostRole.GUARD else [kind.value for kind in CredentialKind if kind in QUALIFYING.get(role, ())]


def paper_state(paper: Paper | None, today: date) -> tuple[str, str]:
    """Light and words of one paper: 有效, 还有 n 天, 已到期, 待上传扫描件, 未登记."""
    if paper is None:
        return "red", "未登记"
    if paper.found:
        return "red", "查有记录"
    left = (paper.valid_to - today).days if paper.valid_to else None
    if left is not None and left < 0:
        return "red", "已到期"
    if needs_scan(paper):
        return "yellow", "待上传扫描件"
    if left is None:
        return "green", "长期"
    # Yellow from the first reminder on (domain.md §4, 到期引擎).
    steps = settings.HEALTH_EXPIRY_NOTICE_DAYS if paper.kind in HEALTH_PAPERS else settings.EXPIRY_NOTICE_DAYS
    return ("yellow", f"还有 {left} 天") if left <= max(steps) else ("green", "有效")


def label_of(kind: str) -> str:
    """The name of a paper on a tag."""
    return SHORT.get(CredentialKind(kind), str(CredentialKind(kind).label))


def paper_tags(staff: Staff, today: date) -> list[dict[str, str]]:
    """The tags of one line of the list: what the post needs, held or not."""
    tags = []
    for kind in wanted_kinds(staff.post.role):
        light, words = paper_state(staff.papers.get(kind), today)
        tags.append({"label": label_of(kind), "light": light, "words": words})
    if kinds := qualifying_kinds(staff.post.role):
        held = [staff.papers[kind] for kind in kinds if kind in staff.papers]
        light, words = ("yellow", "待上传扫描件") if held else ("red", "未登记")
        if any(not needs_scan(paper) for paper in held):
            light, words = "green", "已有"
        tags.append({"label": "岗位资格", "light": light, "words": words})
    return tags


def duty_state(staff: Staff, today: date) -> tuple[str, str]:
    """Whether this person may be on duty today, as a light with words."""
    return ("green", "可以上岗") if staff.may_work(today) else ("red", "不能上岗")
