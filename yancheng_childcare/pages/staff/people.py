"""The people with their duties, one person, and a new one."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ...accounts.addresses import confirmed_address
from ...accounts.requests import create_account
from ...models import AccountRequest, Duty, User
from ...paging import as_key
from ...problems import Problem, Rejected
from ...requests import SignedInRequest
from .acts import keep_link, offered_to, show_link
from .filters import PeopleFilter
from .forms import PersonForm
from .shown import crumbs, duty_rows, tabs

PAGE = 25


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """Everybody with an account and what they may do, by user name."""
    narrowed = PeopleFilter(request.GET, queryset=User.objects.order_by("username"))
    duties = Duty.objects.select_related("region", "department").order_by("role", "pk")
    rows = narrowed.qs.prefetch_related(Prefetch("duties", duties))
    page = Paginator(rows, PAGE).get_page(as_key(request.GET.get("page")) or 1)
    by_person: dict[int, list[dict[str, Any]]] = {}
    for row in duty_rows(duty for person in page for duty in person.duties.all()):
        by_person.setdefault(row["duty"].user_id, []).append(row)
    context = {
        "heading": "人员与职责",
        "lead": "谁能登录、能办什么。一名管理员授予的职责，经另一名管理员批准后生效。",
        "actions": [{"text": "新建人员", "url": reverse("staff:new"), "kind": "primary", "icon_name": "plus"}],
        "tabs": tabs("staff:people"),
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "page": page,
        "rows": [{"person": person, "duties": by_person.get(person.pk, [])} for person in page],
    }
    return render(request, "staff/people.html", context)


@never_cache
@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: data, duties, what is open, and everything an administrator may do; or their new link, once."""
    found = get_object_or_404(User, pk=pk)
    if once := show_link(request, found):
        return once
    duties = found.duties.select_related("region", "department", "granted_by", "approved_by").order_by("-valid_from")
    rows = duty_rows(duties)
    requests = AccountRequest.objects.filter(user=found, closed_at__isnull=True).select_related("granted_by")
    context = {
        "heading": found.display_name or found.username,
        "breadcrumbs": crumbs(),
        "status_light": "green" if found.is_active else "grey",
        "status_word": "在用" if found.is_active else "已停用",
        "person": found,
        "confirmed": confirmed_address(found),
        "held": [row for row in rows if not row["duty"].is_over()],
        "over": [row for row in rows if row["duty"].is_over()],
        "requests": [row for row in requests if not row.why_closed()],
        "identities": found.identities.filter(ended_at__isnull=True).select_related("granted_by", "approved_by"),
        "acts": offered_to(found, request.user),
    }
    return render(request, "staff/person.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """A new account; afterwards the link that sets its password, shown once."""
    form = PersonForm(request.POST or None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            made, link = create_account(**form.cleaned_data, actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            return keep_link(request, made, link)
    context = {
        "heading": "新建人员",
        "lead": "建立后没有任何职责，下一步再授予。密码由本人用一次性链接设置，管理员不经手。",
        "breadcrumbs": crumbs(),
        "form": form,
        "problems": problems,
        "submit_text": "建立并生成链接",
        "back": reverse("staff:people"),
    }
    return render(request, "staff/form.html", context, status=422 if request.method == "POST" else 200)
