"""One endpoint: settings, subscriptions, grants, health; set up, change, rotate, test, pause and resume."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yancheng_childcare import secret_once
from yancheng_childcare.choices import Role
from yancheng_childcare.forms import form_of
from yancheng_childcare.models import Department, Event
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected

from .. import ping as pings
from ..choices import EndpointStatus
from ..endpoint_settings import change_endpoint, create_endpoint, department_for
from ..forms import DepartmentForm, EndpointForm, SecretRotation, SubscriptionMatrix
from ..health import endpoint_health
from ..models import Endpoint
from ..querysets import OWNERS, own_departments
from ..rights import owns, refuse_closed, refuse_unless
from ..rotation import rotate_secret
from ..switches import pause_endpoint, resume_endpoint
from .states import endpoint_state, failure, grants_in_words, secret_hint, share

SHOWN_TESTS = 10
NO_EVENTS = "这个端点没有订阅任何事件，不会收到推送。请在端点页点“修改”，勾选要接收的事件。"


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    """The way here: overview first."""
    start = {"label": "数据交换总览", "url": reverse("exchange:overview")}
    return [start, *({"label": label, "url": url} for label, url in more)]


def visible(request: HttpRequest, pk: UUID) -> Endpoint:
    """The endpoint if the reader may see it; else 404, as if it did not exist."""
    rows = Endpoint.objects.visible_to(request.user, opening_roles(request)).select_related("department__region")
    found: Endpoint | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own(request: HttpRequest, pk: UUID) -> Endpoint:
    """The same for its owners; others who see it get 403."""
    found = visible(request, pk)
    refuse_unless(owns(request.user, found))
    return found


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one endpoint on one page. Queries: endpoint, subscriptions, health (3), its tests."""
    endpoint = visible(request, pk)
    return show_secret(request, endpoint) or show(request, endpoint)


def show(request: HttpRequest, endpoint: Endpoint, *, result: dict[str, Any] | None = None) -> HttpResponse:
    """The page, with the result of a test when one was just made."""
    health = endpoint_health([endpoint])[endpoint.pk]
    wanted: dict[str, dict[str, Any]] = {}
    for row in endpoint.subscriptions.select_related("region").order_by("region__prefix", "event_type"):
        entry = wanted.setdefault(row.region_id, {"region": row.region, "kinds": []})
        entry["kinds"].append(row.get_event_type_display())
    mine = owns(request.user, endpoint)
    now = timezone.now()
    both = endpoint.previous_secret_until if (endpoint.previous_secret_until or now) > now else None
    tests = last_tests(endpoint)
    state = endpoint_state(endpoint, health, subscribed=bool(wanted), tested=tests[0] if tests else None)
    closed = endpoint.status == EndpointStatus.CLOSED
    waiting = endpoint.changes.waiting().select_related("granted_by").first() if mine else None
    actions = []
    if mine and not closed:
        actions = [
            {"text": "修改", "url": reverse("exchange:endpoint-edit", args=[endpoint.pk]), "icon_name": "edit"},
            {"text": "轮换密钥", "url": reverse("exchange:endpoint-rotate", args=[endpoint.pk]), "kind": "secondary"},
        ]
    return render(
        request,
        "exchange/endpoint.html",
        {
            "heading": f"{endpoint.department.short_name} · {endpoint.name}",
            "breadcrumbs": crumbs(),
            "status_light": state.colour,
            "status_word": state.word,
            "actions": actions,
            "endpoint": endpoint,
            "health": health,
            "state": state,
            "figures": figures(endpoint, health),
            "wanted": list(wanted.values()),
            "settings_rows": settings_rows(endpoint, mine=mine, both=both),
            "mine": mine,
            "waiting": waiting,
            "may_act": mine and not closed,
            "may_switch": endpoint.status != EndpointStatus.WAITING,
            "active": endpoint.status == EndpointStatus.ACTIVE,
            "result": result,
            "tests": [test_line(test) for test in tests],
            "end": endpoint.changes.exclude(closing_reason="").latest("pk") if closed else None,
        },
    )


def last_tests(endpoint: Endpoint) -> list[Event]:
    """The last connectivity tests, newest first. One query."""
    return list(Event.objects.of(f"exchange.endpoint:{endpoint.pk}").filter(action="endpoint.pinged")[:SHOWN_TESTS])


def test_line(test: Event) -> dict[str, Any]:
    """One connectivity test as a line of the timeline."""
    answer = failure(test.data.get("code"), test.data.get("error", ""))
    return {
        "at": test.at,
        "title": f"对方答复 {answer}" if test.data.get("code") else answer,
        "light": "green" if test.succeeded else "yellow",
        "word": "收下" if test.succeeded else "未收下",
        "who": f"{test.actor_label}，用时 {test.data.get('latency_ms', 0)} 毫秒",
    }


def figures(endpoint: Endpoint, health: Any) -> list[dict[str, Any]]:
    """The numbers on top."""
    log = f"{reverse('exchange:deliveries')}?endpoint={endpoint.pk}"
    return [
        {"label": "24 小时成功率", "value": share(health.ratio_24h), "hint": f"7 天 {share(health.ratio_7d)}"},
        {"label": "未送达", "value": health.undelivered, "unit": "条", "url": f"{log}&status=OPEN"},
        {"label": "需人工处理", "value": health.parked, "unit": "条", "url": f"{log}&status=DEAD"},
        {
            "label": "无新事件",
            "value": health.days_without_events,
            "unit": "天",
            "url": log,
            "url_text": "查看推送记录",
        },
    ]


def settings_rows(endpoint: Endpoint, *, mine: bool, both: Any) -> list[dict[str, Any]]:
    """The settings as a summary list; secrets only as a hint, and only to owners."""
    rows = [
        {"label": "接收部门", "value": endpoint.department.name},
        {
            "label": "接收地址",
            "value": (endpoint.url if mine else endpoint.url.partition("?")[0]) or "还没有批准的地址",
        },
        {"label": "格式", "value": endpoint.get_body_format_display()},
        {"label": "个人信息", "value": grants_in_words(endpoint)},
        {"label": "超时与并发", "value": f"{endpoint.timeout_seconds} 秒，{endpoint.connections} 个连接"},
        {"label": "无事件提醒", "value": f"{endpoint.quiet_days_alarm} 天"},
    ]
    if mine:
        note = (
            f"旧密钥 {secret_hint(endpoint.previous_secret)} 同时签名至 {timezone.localtime(both):%Y-%m-%d %H:%M}"
            if both
            else ""
        )
        rows.insert(4, {"label": "签名密钥", "value": secret_hint(endpoint.secret), "note": note})
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def create(request: HttpRequest) -> HttpResponse:
    """Set up an endpoint; an administrator first says for which department. The secret is shown once, right away."""
    user: Any = request.user
    admin = user.has_role(Role.ADMIN)
    try:
        department = department_for(request.user, request.GET.get("department", "")[:32])
    except Rejected as rejected:
        if rejected.status == 403:
            raise
        return choose_department(request)
    form = EndpointForm(request.POST or None, may_grant=admin)
    pairs = SubscriptionMatrix.posted(request.POST)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = create_endpoint(
                department=department, values=form.cleaned_data, wanted=pairs, actor=request.user
            )
        except Rejected as rejected:
            problems = rejected.problems
        else:
            if not pairs:
                messages.warning(request, NO_EVENTS)
            return keep_secret(request, made, secret, "端点已建立，接收地址待另一人批准")
    if request.method != "POST":
        pairs = SubscriptionMatrix.usual(department)
    return edit_page(request, form, department, pairs, problems, heading="新建端点")


def choose_department(request: HttpRequest) -> HttpResponse:
    """Whose endpoint: asked first, as the area that can be subscribed to follows from it."""
    form = DepartmentForm(request.GET if "department" in request.GET else None)
    user: Any = request.user
    if not user.has_role(Role.ADMIN):
        form.fields["department"].queryset = Department.objects.filter(  # type: ignore[attr-defined]
            code__in=own_departments(user, OWNERS)
        )
    context = {"heading": "新建端点", "lead": "先选择由哪个部门接收。", "form": form, "breadcrumbs": crumbs()}
    return render(request, "exchange/endpoint_department.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change settings and subscriptions."""
    endpoint = own(request, pk)
    refuse_closed(endpoint)
    user: Any = request.user
    initial = {name: getattr(endpoint, name) for name in EndpointForm.base_fields}
    waiting = endpoint.changes.waiting().first()
    if waiting is not None:
        initial |= {"url": waiting.url, "grants": waiting.grants}
    form = EndpointForm(request.POST or None, initial=initial, may_grant=user.has_role(Role.ADMIN))
    problems: list[Problem] = []
    if request.method == "POST":
        pairs = SubscriptionMatrix.posted(request.POST)
        if form.is_valid():
            try:
                change_endpoint(endpoint, values=form.cleaned_data, wanted=pairs, actor=request.user)
            except Rejected as rejected:
                problems = rejected.problems
            else:
                messages.success(request, "修改已保存，从下一条推送起生效。")
                if not pairs:
                    messages.warning(request, NO_EVENTS)
                if endpoint.changes.waiting().exists():
                    messages.warning(request, "接收地址或新增的明文字段须由另一人批准，批准前按原来的设置推送。")
                return redirect("exchange:endpoint", pk=pk)
    else:
        pairs = set(endpoint.subscriptions.values_list("region_id", "event_type"))
    return edit_page(request, form, endpoint.department, pairs, problems, heading="修改端点", endpoint=endpoint)


def edit_page(
    request: HttpRequest, form: EndpointForm, department: Department, pairs: set[tuple[str, str]],
    problems: list[Problem], *, heading: str, endpoint: Endpoint | None = None,
) -> HttpResponse:  # fmt: skip
    """The form with the matrix of subscriptions."""
    back = reverse("exchange:endpoint", args=[endpoint.pk]) if endpoint else reverse("exchange:overview")
    trail = crumbs((str(endpoint.name), back)) if endpoint else crumbs()
    wrong = bool(problems) or bool(form.is_bound and form.errors)
    return render(
        request,
        "exchange/endpoint_edit.html",
        {
            "heading": heading,
            "lead": department.name,
            "breadcrumbs": trail,
            "form": form,
            "problems": problems,
            "matrix": SubscriptionMatrix(department, pairs),
            "back": back,
            "creating": endpoint is None,
        },
        status=422 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def rotate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new signing secret: shown once; the old one signs as well for a while."""
    endpoint = own(request, pk)
    refuse_closed(endpoint)
    form = form_of(SecretRotation)(request.POST or None, initial={"overlap": "24"})
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        overlap = timedelta(hours=int(form.cleaned_data["overlap"]))
        try:
            secret = rotate_secret(endpoint=endpoint, actor=request.user, overlap=overlap)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            return keep_secret(request, endpoint, secret, "密钥已轮换")
    back = reverse("exchange:endpoint", args=[pk])
    context = {
        "heading": "轮换签名密钥",
        "breadcrumbs": crumbs((endpoint.name, back)),
        "consequence": "平台随即用新密钥签名。新密钥只显示一次，请准备好转交给接收系统的维护人员。",
        "rows": [
            {"label": "端点", "value": str(endpoint)},
            {"label": "当前密钥", "value": secret_hint(endpoint.secret)},
        ],
        "confirm_text": "生成新密钥并显示",
        "cancel_url": back,
        "form": form,
        "problems": problems,
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)


def keep_secret(request: HttpRequest, endpoint: Endpoint, secret: str, heading: str) -> HttpResponse:
    """On to the endpoint's page, which shows the secret once."""
    secret_once.keep(request, str(endpoint.pk), secret, heading)
    return redirect("exchange:endpoint", pk=endpoint.pk)


@sensitive_variables("secret", "waiting")
def show_secret(request: HttpRequest, endpoint: Endpoint) -> HttpResponse | None:
    """The one time a secret is shown; never cached (signed-in answers are `no-store`). None when none waits."""
    waiting = secret_once.take(request, str(endpoint.pk))
    if waiting is None:
        return None
    secret, heading = waiting
    context = {
        "heading": heading,
        "breadcrumbs": crumbs(),
        "endpoint": endpoint,
        "secret": secret,
        "both": endpoint.previous_secret_until,
    }
    return render(request, "exchange/secret.html", context)


@require_POST
def ping(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a test event now and show what came back."""
    endpoint = own(request, pk)
    return show(request, endpoint, result=pings.ping(endpoint=endpoint, actor=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Pause or resume, after a page that says what that means."""
    endpoint = own(request, pk)
    refuse_closed(endpoint)
    active = endpoint.status == EndpointStatus.ACTIVE
    if request.method == "POST":
        act = pause_endpoint if request.POST.get("to") == "pause" else resume_endpoint
        changed = act(endpoint=endpoint, actor=request.user)
        words = (
            "已暂停推送，新的事件会排队等待。"
            if changed.status == EndpointStatus.PAUSED
            else "已恢复推送，积压的正在补发。"
        )
        messages.success(request, words)
        return redirect("exchange:endpoint", pk=pk)
    context = {
        "heading": "暂停推送" if active else "恢复推送",
        "breadcrumbs": crumbs((endpoint.name, reverse("exchange:endpoint", args=[pk]))),
        "endpoint": endpoint,
        "active": active,
        "rows": [
            {"label": "端点", "value": str(endpoint)},
            {"label": "当前状态", "value": endpoint.get_status_display()},
        ],
    }
    return render(request, "exchange/switch.html", context)
