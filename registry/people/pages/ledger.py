"""The people of an institution: the list, a new person, one person, leaving, the full number."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yancheng_childcare.crypto import blind_index
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.masking import mask_id, mask_phone
from yancheng_childcare.problems import Problem, Rejected

from ...choices import CredentialKind, Education
from ...codes import people as codes
from ...models import Post
from ...registration.pages.lookup import reaches, storable
from ...rules.characters import compact
from ...rules.values import as_day
from ..facts import BARE_KINDS, Staff, describe, gaps
from ..forms import LeaveForm, PersonForm, RevealForm
from ..services import add_post, check_person, end_post, reveal_number
from .listing import person_list
from .lookup import (
    crumbs,
    duty_state,
    is_own,
    own_institutions,
    own_post,
    paper_state,
    qualifying_kinds,
    threads,
    visible_post,
    wanted_kinds,
)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the own institutions, or of the area."""
    return person_list(request)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Take somebody on: everything wrong at once, nothing typed is lost, a double click makes one post."""
    institutions = list(own_institutions(request.user))
    if request.method != "POST":
        chosen = request.GET.get("uscc", "")
        return _new_page(request, PersonForm(institutions=institutions, initial={"uscc": chosen}))
    form = PersonForm(request.POST, institutions=institutions)
    form.full_clean()
    institution = form.institution()
    try:
        if institution is None:
            _, problems = check_person(form.cleaned_data, today=today_here())
            raise Rejected([Problem(codes.REQUIRED, "uscc", "请选择机构。"), *problems])
        post = add_post(institution, data=form.entered(institution), actor=request.user)
    except Rejected as rejected:
        if rejected.status not in {409, 422}:
            raise
        twin = _twin(form, institution) if rejected.code in {codes.POST_TWICE, codes.FULL_TIME_ELSEWHERE} else None
        if rejected.code == codes.POST_TWICE and twin and twin.started_on == as_day(form.cleaned_data["started_on"]):
            messages.info(request, f"{twin.name}刚才已经登记，没有重复登记。")
            return redirect("people:detail", pk=twin.pk)
        return _new_page(request, form, rejected=rejected, twin=twin)
    messages.success(request, f"已登记{post.name}。接下来请登记健康合格证等证件，齐全后才能上岗。")
    return redirect("people:detail", pk=post.pk)


def _twin(form: PersonForm, institution: Any) -> Post | None:
    """The post here that stands in the way: the same one, else the full-time one."""
    index = blind_index(compact(str(form.entered(institution)["id_no"])).upper(), "person")
    posts = Post.objects.current().filter(institution=institution, person__id_index=index).select_related("person")
    return posts.filter(role=form.cleaned_data["role"]).first() or posts.filter(full_time=True).first()


def _new_page(
    request: HttpRequest, form: PersonForm, *, rejected: Rejected | None = None, twin: Post | None = None
) -> HttpResponse:
    context = {
        "heading": "登记人员",
        "lead": "对照身份证填写。所填内容只属于本机构的登记，其他机构看不到，也改不了。",
        "breadcrumbs": crumbs(),
        "form": form,
        "problems": rejected.problems if rejected else [],
        "twin": twin,
        "threads": threads(request.user, form.institutions),
    }
    return render(request, "registry/people/new.html", context, status=rejected.status if rejected else 200)


@never_cache
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person in one post. Queries: post, papers, posts here, trainings."""
    post = visible_post(request, pk)
    own, today = is_own(request.user, post), today_here()
    staff = None if post.ended_on else describe([post])[0]
    status_light, status_word = duty_state(staff, today) if staff else ("grey", "已离岗")
    context = {
        "heading": post.name,
        "lead": f"{post.institution.name}，{post.get_role_display()}，{'全职' if post.full_time else '兼职'}",
        "status_light": status_light,
        "status_word": status_word,
        "breadcrumbs": crumbs(),
        "actions": _actions(post) if own and staff else [],
        "post": post,
        "facts": _facts(post),
        "posts": post.person.posts.filter(institution=post.institution_id).order_by("-started_on", "-id"),
        "staff": staff,
        "gaps": gaps(staff, today) if staff else [],
        "papers": _papers(staff, own) if staff else [],
        "trainings": post.person.trainings.filter(institution=post.institution_id) if staff else [],
        "own": own,
        "threads": threads(request.user, [post.institution]) if own else [],
        "may_reveal": reaches(request, "people:reveal", post),
        "form": RevealForm(),
    }
    return render(request, "registry/people/person.html", context)


def _actions(post: Post) -> list[dict[str, str]]:
    return [{"text": "办理离岗", "url": reverse("people:leave", args=[post.pk]), "kind": "secondary"}]


def _facts(post: Post) -> list[dict[str, Any]]:
    years = "" if post.experience_years is None else f"{post.experience_years} 年"
    schooling = str(dict(Education.choices).get(post.education, ""))
    confirmed = "经卫生健康部门核实"
    rows = [
        {"label": "身份证号", "value": mask_id(post.person.id_no)},
        {"label": "联系电话", "value": mask_phone(post.phone)},
        {"label": "学历", "value": f"{schooling}（{confirmed}）" if post.person.confirmed_education else schooling},
        {"label": "相关经历", "value": years},
        {"label": "无精神病史", "value": "已向本人确认" if post.no_mental_illness else "未确认"},
    ]
    if post.ended_on:  # who has left is no longer telephoned
        rows = [row for row in rows if row["label"] == "身份证号"]
    return rows


def _papers(staff: Staff, own: bool) -> list[dict[str, Any]]:
    """Every paper held, and those still missing, needed ones first."""
    role, today, held = staff.post.role, today_here(), staff.papers
    needed = wanted_kinds(role)
    fitting = qualifying_kinds(role)
    missing_fit = [] if any(kind in held for kind in fitting) else fitting
    order = [*needed, *fitting, *(kind for kind in CredentialKind.values if kind not in (*needed, *fitting))]
    rows = []
    for kind in order:
        paper = held.get(kind)
        if paper is None and kind not in needed and kind not in missing_fit:
            continue
        light, words = paper_state(paper, today)
        if paper is None and kind in missing_fit and len(missing_fit) > 1:
            light, words = "yellow", "未登记，有其中一种即可"
        rows.append(
            {
                "label": CredentialKind(kind).label,
                "paper": paper,
                "light": light,
                "words": words,
                "bare": kind in BARE_KINDS,
                "cleared": bool(paper and paper.record_found and not paper.found),
                "url": f"{reverse('people:paper', args=[staff.post.pk])}?kind={kind}" if own else "",
            }
        )
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """离岗: the day and the reason. A second click leads to the person."""
    post = own_post(request, pk, current=False)
    if post.ended_on:
        messages.info(request, f"{post.name}已于 {post.ended_on} 离岗。")
        return redirect("people:detail", pk=pk)
    form = LeaveForm(request.POST or None, initial={"ended_on": str(today_here())})
    form.full_clean()
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            end_post(
                post,
                ended_on=as_day(form.cleaned_data.get("ended_on") or ""),
                reason=form.cleaned_data.get("end_reason") or "",
                actor=request.user,
            )
        except Rejected as rejected:
            if rejected.status != 422:
                raise
            problems = rejected.problems
        else:
            messages.success(request, f"已办理{post.name}离岗。记录保留备查，重新到岗时请再次登记。")
            return redirect("people:list")
    context = {
        "heading": "办理离岗",
        "breadcrumbs": crumbs(post),
        "post": post,
        "form": form,
        "problems": problems,
        "rows": [
            {"label": "人员", "value": post.name},
            {"label": "机构", "value": post.institution.name},
            {"label": "岗位", "value": post.get_role_display(), "note": "全职" if post.full_time else "兼职"},
            {"label": "上岗日期", "value": str(post.started_on)},
        ],
    }
    return render(request, "registry/people/leave.html", context, status=422 if problems else 200)


@sensitive_post_parameters()
@never_cache
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The full number on this one answer, after the reason was kept; never cached, never in an address."""
    post, value = visible_post(request, pk), ""
    problems: list[Problem] = []
    reason = storable("reason", request.POST.get("reason"), "查看事由", 200, problems)
    try:
        if not problems:
            value = reveal_number(post, reason=reason, actor=request.user)
    except Rejected as rejected:
        problems = rejected.problems
    context = {
        "heading": "查看完整身份证号",
        "breadcrumbs": crumbs(post),
        "whose": f"{post.institution.name}{post.name}",
        "label": "身份证号",
        "form": RevealForm(request.POST),
        "problems": problems,
        "value": value,
        "back": {"url": reverse("people:detail", args=[post.pk]), "label": "人员页面"},
    }
    return render(request, "desk/reveal.html", context, status=422 if problems else 200)
