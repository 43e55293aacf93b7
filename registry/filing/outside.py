"""What the other records say of a filing under review: the right pane of the review page (product.md C4).

Everything is asked today, beside what was handed in: a registration that changed since, another institution at the same
place, people in two posts, papers that ran out. Five queries, whatever the number of people.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from exchange.models import Receipt

from ..choices import CredentialKind, PostRole
from ..models import Credential, Filing, FilingVersion, Institution, PersonBan, Post
from ..querysets.filings import HANDED_IN
from ..registration.fields import LABELS, PERSONAL, current_values
from ..registration.forms import shown_value
from ..rules.filing.catalogue import RULES
from .consistency import FINE, LOOK, NONE, STOP, Evidence, areas, certificate, signer
from .states import state_of

MOST = 20
TITLES = {rule.id: rule.title for rule in RULES}


def evidence(filing: Filing, version: FilingVersion, today: date) -> list[Evidence]:
    """What registration, people, premises, former filings and public security say today, in reading order."""
    here, neighbours = _premises(filing, version)
    posts = _posts(filing, version, today)
    return [
        _registration(filing, version),
        certificate(filing, version, today),
        signer(filing, version, _principals(posts, filing)),
        _irregular(filing),
        areas(version),
        _bans(posts, filing),
        _second_posts(posts, filing),
        _papers(posts, filing),
        _left(posts, version, filing),
        _neighbours(neighbours),
        _former(filing),
        _police(here, filing),
        _waivers(filing),
    ]


def _registration(filing: Filing, version: FilingVersion) -> Evidence:
    """The registration as it stands against the one that was handed in."""
    institution = filing.institution
    title, url = "登记库", reverse("registry:detail", args=[institution.uscc])
    if institution.status != "ACTIVE":
        words = f"登记已{institution.get_status_display()}（{institution.terminated_on}），不能备案。"
        return Evidence(title, STOP, "已终止", words, url=url, url_text="查看登记")
    before = version.content["registration"]
    changed = tuple(
        f"{LABELS.get(name, name)}：{shown_value(name, before.get(name, '')) or '（空）'} → {shown_value(name, value) or '（空）'}"
        for name, value in current_values(institution).items()
        if name not in PERSONAL and str(value if value is not None else "") != before.get(name, "")
    )
    if changed:
        words = f"提交以后登记有 {len(changed)} 处变更，请以登记为准核对。"
        return Evidence(title, LOOK, "有变更", words, changed, url, "查看登记")
    return Evidence(title, FINE, "一致", "与提交时的登记一致，登记存续。", url=url, url_text="查看登记")


def _irregular(filing: Filing) -> Evidence:
    found = tuple(str(row.get("message", "")) for row in filing.institution.warnings)
    if found:
        return Evidence("名称和范围", LOOK, f"{len(found)} 条提示", "登记时留下的提示，尚未规范。", found)
    return Evidence("名称和范围", FINE, "规范", "登记的名称和业务范围没有提示。")


def _posts(filing: Filing, version: FilingVersion, today: date) -> list[Any]:
    """Current posts of everybody handed in or taken on since, wherever they are, with bans and run-out papers today."""
    handed_in = [row["post"] for row in version.content["staff"]]
    banned = PersonBan.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), id_index=OuterRef("person__id_index"), since__lte=today
    )
    own = Credential.objects.filter(person=OuterRef("person"), institution=OuterRef("institution"))
    expired = own.expired(today).order_by("kind")
    people = Post.objects.filter(Q(pk__in=handed_in) | Q(institution=filing.institution, ended_on=None))
    return list(
        Post.objects.current()
        .filter(person__in=people.values("person"))
        .select_related("person", "institution__region")
        .annotate(banned=Exists(banned), expired=ArraySubquery(expired.values("kind")))
        .defer("person__id_no", "phone", "institution__legal_rep_id_no", "institution__contact_phone")
        .order_by("person_id", "pk")
    )


def _principals(posts: list[Any], filing: Filing) -> list[str]:
    return [p.name for p in posts if p.role == PostRole.PRINCIPAL and p.institution_id == filing.institution_id]


def _bans(posts: list[Any], filing: Filing) -> Evidence:
    """人口与计划生育法 第41条; the institution is not told why (product.md C3)."""
    names = _names(post for post in posts if post.banned and post.institution_id == filing.institution_id)
    if names:
        words = f"{len(names)} 人今天在从业禁止期内，不能上岗。"
        return Evidence("从业禁止", STOP, f"{len(names)} 人", words, names)
    return Evidence("从业禁止", FINE, "无", "按今天的名单核对，没有在禁止期内的人员。")


def _second_posts(posts: list[Any], filing: Filing) -> Evidence:
    own = {post.person_id: post.name for post in posts if post.institution_id == filing.institution_id}
    rows = tuple(
        f"{own[post.person_id]}：{post.institution.region.short_name} {post.institution.name}，"
        f"{post.get_role_display()}，{'全职' if post.full_time else '兼职'}"
        for post in posts
        if post.institution_id != filing.institution_id and post.person_id in own
    )
    if rows:
        return Evidence("人员兼职", LOOK, f"{len(rows)} 处", "有人员同时在其他机构任职，请核对在岗时间。", rows)
    return Evidence("人员兼职", FINE, "无", "没有人员在其他机构任职。")


def _papers(posts: list[Any], filing: Filing) -> Evidence:
    labels = dict(CredentialKind.choices)
    rows = tuple(
        f"{post.name}（{post.get_role_display()}）：{'、'.join(str(labels[kind]) for kind in post.expired)}"
        for post in posts
        if post.institution_id == filing.institution_id and post.expired
    )
    url = f"{reverse('people:list')}?uscc={filing.institution.uscc}"
    if rows:
        return Evidence(
            "人员证件", LOOK, f"{len(rows)} 人到期", "下列人员的证件今天已过有效期。", rows, url, "人员台账"
        )
    return Evidence("人员证件", FINE, "有效", "在岗人员的证件都在有效期内。", url=url, url_text="人员台账")


def _left(posts: list[Any], version: FilingVersion, filing: Filing) -> Evidence:
    """Who came and went since it was handed in."""
    before = {row["post"]: row["name"] for row in version.content["staff"]}
    now = {post.pk: post for post in posts if post.institution_id == filing.institution_id}
    roles = dict(PostRole.choices)
    rows = tuple(
        [f"离岗：{name}" for key, name in before.items() if key not in now]
        + [f"新上岗：{post.name}（{roles[post.role]}）" for key, post in now.items() if key not in before]
    )
    if rows:
        return Evidence("人员变动", LOOK, f"{len(rows)} 人", "提交以后在岗人员有变动。", rows)
    return Evidence("人员变动", FINE, "无", "提交以后在岗人员没有变动。")


def _premises(filing: Filing, version: FilingVersion) -> tuple[Any, list[Any]]:
    """The institution with its answer from public security, and the others at the same address. One query."""
    own = filing.institution
    address = str(version.content["sections"].get("basics", {}).get("service_address") or "").strip()
    places = {own.registered_address, *([address] if address else [])}
    live = Filing.objects.live().filter(institution=OuterRef("pk"), service_address__in=places)
    advised = Receipt.objects.filter(subject=OuterRef("uscc"), department__kind="POLICE", handled=True)
    rows = (
        Institution.objects.filter(Q(pk=own.pk) | Q(registered_address__in=places) | Exists(live))
        .annotate(advised=Exists(advised))
        .only("uscc", "name", "status", "filing_state", "registered_address")
        .order_by("-id")[: MOST + 2]
    )
    found = list(rows)
    return next((row for row in found if row.pk == own.pk), None), [row for row in found if row.pk != own.pk]


def _neighbours(others: list[Any]) -> Evidence:
    if not others:
        return Evidence("同址机构", FINE, "无", "同一地址没有登记或备案其他机构。")
    rows = tuple(
        f"{row.name}（登记{row.get_status_display()}"
        + (f"，{row.get_filing_state_display()}" if row.filing_state else "")
        + "）"
        for row in others[:MOST]
    )
    number = f"{MOST} 家以上" if len(others) > MOST else f"{len(others)} 家"
    words = "同一地址还有其他机构，请核对场地是否重复使用。"
    colour = LOOK if any(row.status == "ACTIVE" for row in others) else NONE
    return Evidence("同址机构", colour, number, words, rows)


def _former(filing: Filing) -> Evidence:
    others = list(
        Filing.objects.filter(institution=filing.institution)
        .exclude(pk=filing.pk)
        .filter(HANDED_IN)
        .order_by("-id")
        .only("no", "status", "ended_on", "end_reason", "receipt_no", "service_address")[:20]
    )
    if not others:
        return Evidence("历史备案", FINE, "无", "这家机构以前没有备案。")
    rows = tuple(
        f"{row.no}：{row.get_status_display()}"
        + (f"，{row.ended_on}" if row.ended_on else "")
        + (f"，{row.end_reason}" if row.end_reason else "")
        for row in others
    )
    bad = any(state_of(row).against for row in others)
    return Evidence("历史备案", LOOK if bad else NONE, f"{len(others)} 件", "以前的备案及其终止原因。", rows)


def _police(here: Any, filing: Filing) -> Evidence:
    """方案 三(三)1: public security advises a newly registered institution on safety and answers."""
    if here is not None and here.advised:
        return Evidence("公安指导", FINE, "已回告", "公安机关已回告安全防范指导情况。")
    return Evidence("公安指导", LOOK, "未回告", "公安机关还没有回告安全防范指导情况，不影响办理。")


def _waivers(filing: Filing) -> Evidence:
    rows = tuple(
        f"{row.rule_id} {TITLES.get(row.rule_id, '')}：{row.reason}（依据：{row.basis}；"
        f"{row.granted_by.display_name if row.granted_by else '系统'}）"
        for row in filing.waivers.select_related("granted_by")
    )
    if rows:
        return Evidence("规则豁免", LOOK, f"{len(rows)} 条", "负责人对这件备案豁免的规则。", rows)
    return Evidence("规则豁免", FINE, "无", "没有豁免任何规则。")


def _names(posts: Any) -> tuple[str, ...]:
    return tuple(f"{post.name}（{post.get_role_display()}）" for post in posts)
