"""接口密钥: a department's integrators see its keys, make their own, replace and end them, and approve each other's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare import secret_once
from yancheng_childcare.approvals import approve, fingerprint, shown
from yancheng_childcare.filters import search
from yancheng_childcare.forms import form_of
from yancheng_childcare.models import Department
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected

from ..clients import REMIND_DAYS, digest, issue_key, revoke_key, works
from ..filters import ApprovedFilter
from ..forms import KeyForm, KeyRotation
from ..key_rotation import refuse_rotation, rotate_key
from ..models import ApiClient
from ..querysets import OWNERS, own_departments
from .endpoints import crumbs
from .states import State

MOST = 200
SLOT = "keys"


def visible(request: HttpRequest) -> QuerySet[ApiClient]:
    """The keys the reader may see, newest first."""
    rows: QuerySet[ApiClient] = ApiClient.objects.visible_to(request.user, opening_roles(request))
    return rows.select_related("user", "department__region", "granted_by", "approved_by")


def one(request: HttpRequest, pk: int) -> ApiClient:
    """The key if the reader may see it, else 404."""
    found = visible(request).filter(pk=as_key(str(pk)) or 0).first()
    if found is None:
        raise Http404
    return found


def key_state(client: ApiClient, *, works_now: bool, now: datetime) -> State:
    """Whether the key works, and what to do about it."""
    if client.revoked_at is not None:
        return State("grey", "已作废", f"{timezone.localtime(client.revoked_at):%Y-%m-%d %H:%M} 作废。")
    if client.expires_at <= now:
        return State("grey", "已到期", "不能再使用。")
    if works_now:
        if client.expires_at - now < timedelta(days=REMIND_DAYS[0]):
            return State("yellow", "快到期", "仍需使用的，请另建一把并在到期前换上。")
        return State("green", "可以使用", "")
    if client.approved_by_id is None:
        return State("plain", "待批准", "须由使用人以外的对接人或平台管理员批准后才能使用。")
    return State("red", "不能使用", "使用人已停用，或在本部门没有有效职责。不再需要的请作废。")


class KeyFilter(ApprovedFilter):
    """By a part of the key's name, or of its user's."""

    q = search("密钥或使用人", "name__icontains", "user__display_name__contains")


@require_GET
@sensitive_variables("waiting")
def listing(request: HttpRequest) -> HttpResponse:
    """Keys of the reader's departments. Queries: keys, which of them work; or the new key, once."""
    waiting = secret_once.take(request, SLOT)
    if waiting is not None:
        key, heading = waiting
        return render(request, "exchange/key_shown.html", shown_once(heading, key, visible(request)))
    narrowed = KeyFilter(request.GET, visible(request))
    rows = list(narrowed.qs[:MOST])
    working = set(ApiClient.objects.in_force().filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    now = timezone.now()
    found = [
        {
            "key": row,
            "state": key_state(row, works_now=row.pk in working, now=now),
            "former_until": row.previous_until if row.pk in working and (row.previous_until or now) > now else None,
            "open": row.revoked_at is None and row.expires_at > now,
            "may_rotate": row.pk in working and row.user_id == request.user.pk,
            "may_approve": row.approved_by_id is None and row.pk not in working and row.user_id != request.user.pk,
        }
        for row in rows
    ]
    actions = []
    if may_enter(request.user, "exchange:key-create", "POST"):
        actions.append({"text": "新建密钥", "url": reverse("exchange:key-create"), "icon_name": "plus"})
    if settings.ADMIN_ENABLED and may_enter(request.user, "exchange:key-propose", "POST"):
        actions.append({"text": "为对接人新建密钥", "url": reverse("exchange:key-propose"), "icon_name": "plus"})
    context = {
        "heading": "接口密钥",
        "lead": "部门系统调用接口用的密钥。密钥以使用人的职责行事，使用人离开本部门后自动失效。",
        "breadcrumbs": crumbs(),
        "actions": actions,
        "filter": narrowed.form,
        "narrowed": narrowed.narrowed,
        "rows": [row for row in found if row["open"]],
        "overlap_hours": settings.API_KEY_OVERLAP_HOURS,
        "ended": [row for row in found if not row["open"]],
    }
    return render(request, "exchange/keys.html", context)


def shown_once(heading: str, key: str, rows: QuerySet[ApiClient]) -> dict[str, Any]:
    """What the page shows with a new key: the row it belongs to, found by the key itself."""
    row = rows.filter(key_hash=digest(key)).first()
    return {
        "heading": heading,
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "secret": key,
        "row": row,
        "works": row is not None and works(row),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("key")
def create(request: HttpRequest) -> HttpResponse:
    """A new key for the person themselves: shown once, works when another approved it."""
    user: Any = request.user
    departments = list(Department.objects.filter(code__in=own_departments(user, OWNERS)).order_by("code"))
    form = KeyForm(request.POST or None, departments=departments)
    if request.method == "POST" and form.is_valid():
        made, key = issue_key(user=user, name=form.cleaned_data["name"], actor=user, department=form.chosen())
        secret_once.keep(request, SLOT, key, "密钥已建立" if works(made) else "密钥已建立，待另一人批准")
        return redirect("exchange:keys")
    context = {
        "heading": "新建接口密钥",
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "consequence": "密钥只显示一次，请准备好转交给接收系统的维护人员。它以您的职责行事，您能办的它都能办，"
        "所以须由本部门另一名对接人或平台管理员批准后才能使用。",
        "form": form,
        "confirm_text": "新建密钥并显示",
        "cancel_url": reverse("exchange:keys"),
    }
    return render(request, "exchange/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("key")
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key in the place of the reader's own; the former one works on for a while or ends at once."""
    row = one(request, pk)
    form = form_of(KeyRotation)(request.POST or None, initial={"keep": "1"})
    problems: list[Problem] = []
    refuse_rotation(row, request.user)
    if request.method == "POST" and form.is_valid():
        hours = settings.API_KEY_OVERLAP_HOURS if form.cleaned_data["keep"] == "1" else 0
        try:
            _, key = rotate_key(row, overlap=timedelta(hours=hours), actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            secret_once.keep(request, SLOT, key, "密钥已轮换")
            return redirect("exchange:keys")
    context = {
        "heading": "轮换接口密钥",
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "consequence": "新密钥立即可用，只显示一次，请准备好转交给接收系统的维护人员。有效期不变。",
        "rows": facts(row),
        "form": form,
        "problems": problems,
        "confirm_text": "生成新密钥并显示",
        "cancel_url": reverse("exchange:keys"),
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """作废: the key stops at the next request, for good."""
    row = one(request, pk)
    if row.revoked_at is not None:
        messages.info(request, "这把密钥已经作废。")
        return redirect("exchange:keys")
    if request.method == "POST":
        revoke_key(row, actor=request.user)
        messages.success(request, f"“{row}”已作废，用它的程序不能再调用接口。")
        return redirect("exchange:keys")
    context = {
        "heading": "作废接口密钥",
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "consequence": "作废后立即不能使用，轮换后还在用的旧密钥也一并停用；用它的程序从下一次调用起答 401。作废后不能恢复。",
        "rows": facts(row),
        "confirm_text": "立即作废",
        "cancel_url": reverse("exchange:keys"),
        "danger": True,
    }
    return render(request, "exchange/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approve_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person's key: read all that is asked for, then approve or end it."""
    row = one(request, pk)
    if row.approved_by_id is not None or row.why_closed():
        messages.info(request, "这把密钥已经批准、作废或到期。")
        return redirect("exchange:keys")
    rejected = None
    if request.method == "POST":
        if request.POST.get("to") == "withdraw":
            revoke_key(row, actor=request.user)
            messages.success(request, f"“{row}”已作废。")
            return redirect("exchange:keys")
        try:
            approve(row, seen=request.POST.get("seen", "")[:64], actor=request.user)
        except Rejected as refused:
            rejected = refused
        else:
            messages.success(request, f"已批准，“{row}”现在可以使用。")
            return redirect("exchange:keys")
    context = {
        "heading": "核对并批准接口密钥",
        "breadcrumbs": crumbs(("接口密钥", reverse("exchange:keys"))),
        "consequence": "批准后，持有密钥的程序能以使用人的职责读取和报送数据。请向使用人核对密钥确由本部门系统使用。",
        "rows": [
            {"label": {"授予人": "提出人", "用户": "使用人"}.get(label, label), "value": value}
            for label, value in shown(row)
            if label != "密钥摘要"
        ],
        "seen": fingerprint(row),
        "own": row.user_id == request.user.pk or row.granted_by_id == request.user.pk,
        "own_words": "这把密钥是您自己的，须由本部门另一名对接人或平台管理员批准。",
        "approve_text": "批准密钥",
        "withdraw_text": "作废，不批准",
        "problems": rejected.problems if rejected else [],
        "cancel_url": reverse("exchange:keys"),
    }
    return render(request, "exchange/approve.html", context, status=rejected.status if rejected else 200)


def facts(row: ApiClient) -> list[dict[str, Any]]:
    """What tells one key from another."""
    used = f"{row.last_used_on:%Y-%m-%d}（{row.last_network or '本机'}）" if row.last_used_on else "还没有用过"
    return [
        {"label": "密钥", "value": str(row)},
        {"label": "使用人", "value": row.user.display_name},
        {"label": "部门", "value": row.department.name if row.department else "没有指明"},
        {"label": "最近使用", "value": used},
        {"label": "有效期至", "value": f"{timezone.localtime(row.expires_at):%Y-%m-%d}"},
    ]
