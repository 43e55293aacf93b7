"""What an administrator does to one account besides its duties: one line per act, one page for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ... import secret_once
from ...accounts.requests import LINK_HOURS, ask, change_account, holds_duties
from ...accounts.single_sign_on import end_identity, link_identity
from ...choices import AccountRequestKind
from ...models import LinkedIdentity, User
from ...problems import Problem, Rejected
from ...requests import SignedInRequest
from .forms import AddressForm, EditForm, NothingForm, ReasonForm, SubjectForm
from .shown import crumbs

SECOND = f"提出后 {LINK_HOURS} 小时内由另一名管理员批准，过期须重新提出。"


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `run` gets person, typed data and actor, and answers with the address of a link or ""."""

    title: str
    consequence: str
    button: str
    form: Callable[[User, Any], forms.BaseForm]
    run: Callable[[User, dict[str, Any], Any], str]
    done: str
    offered: Callable[[User], bool] = lambda person: True
    danger: bool = False


def _asking(kind: str) -> Callable[[User, dict[str, Any], Any], str]:
    return lambda person, data, actor: ask(user=person, kind=kind, actor=actor, **data)[1]


def _plain(form: type[forms.BaseForm]) -> Callable[[User, Any], forms.BaseForm]:
    return lambda person, data: form(data)


def _edit(person: User, values: dict[str, Any], actor: Any) -> str:
    change_account(person, values=values, actor=actor)
    return ""


def _switch_off(person: User, values: dict[str, Any], actor: Any) -> str:
    return _edit(person, {"is_active": False}, actor)


def _identify(person: User, values: dict[str, Any], actor: Any) -> str:
    link_identity(user=person, subject=values["subject"], actor=actor)
    return ""


def _edit_form(person: User, data: Any) -> forms.BaseForm:
    # A copy: the form writes what was typed to its instance, the service compares with what is stored.
    return EditForm(data, instance=User.objects.get(pk=person.pk), with_email=not holds_duties(person))


ACTS: dict[str, Act] = {
    "edit": Act("修改资料", "有职责的人员，更改电子邮箱须另行申请。", "保存修改", _edit_form, _edit, "已保存。"),
    "link": Act(
        "申请一次性链接",
        "本人用链接设置新密码，停用的账号同时恢复。有过职责的账号须另一名管理员批准：您转交链接，对方告知批准码，"
        "两者齐备才能使用。",
        "生成链接", lambda person, data: (ReasonForm if holds_duties(person) else NothingForm)(data),
        _asking(AccountRequestKind.LINK), "",
    ),
    "factor": Act(
        "重置两步验证", f"本人换了或丢了手机，不能登录时用。{SECOND}批准后本人所有登录失效，下次登录重新设置。", "提出申请",
        _plain(ReasonForm), _asking(AccountRequestKind.SECOND_FACTOR), "已提出，等待另一名管理员批准。",
        lambda person: person.is_active,
    ),
    "email": Act(
        "更改电子邮箱", f"{SECOND}批准后本人还要在“电子邮箱”页面确认，确认后才启用。", "提出申请",
        _plain(AddressForm), _asking(AccountRequestKind.EMAIL), "已提出，等待另一名管理员批准。", holds_duties,
    ),
    "identity": Act(
        "登记统一身份", "登记并经另一名管理员批准后，本人可以用江苏省统一身份认证登录本账号。", "登记",
        _plain(SubjectForm), _identify, "已登记，等待另一名管理员批准。", lambda person: person.is_active,
    ),
    "off": Act(
        "停用账号", "即刻生效：本人不能再登录，没有办结的账号申请同时结束，职责保留。恢复须申请一次性链接，经两人办理。",
        "停用账号", _plain(NothingForm), _switch_off, "已停用，即刻生效。", lambda person: person.is_active, True,
    ),
}  # fmt: skip


def offered_to(person: User, actor: User) -> list[dict[str, str]]:
    """The acts that make sense for this person now; nobody enters an identity of their own."""
    return [
        {"title": act.title, "url": reverse("staff:act", args=[person.pk, name]), "kind": _kind(act)}
        for name, act in ACTS.items()
        if act.offered(person) and not (name == "identity" and person.pk == actor.pk)
    ]


def _kind(act: Act) -> str:
    return "danger" if act.danger else "secondary"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: SignedInRequest, pk: int, act: str) -> HttpResponse:
    """One act on one person: what it does, what it asks, and the services' refusals at their fields."""
    person = get_object_or_404(User, pk=pk)
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = chosen.form(person, data)
    problems: list[Problem] = []
    if data is not None and form.is_valid():
        try:
            link = chosen.run(person, form.cleaned_data, request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            if link:
                return keep_link(request, person, link)
            messages.success(request, f"{chosen.title}：{chosen.done}")
            return redirect("staff:person", person.pk)
    there = reverse("staff:person", args=[person.pk])
    context = {
        "heading": chosen.title,
        "breadcrumbs": crumbs((person.display_name, there)),
        "rows": [{"label": "人员", "value": person.display_name, "note": f"用户名 {person.username}"}],
        "consequence": chosen.consequence,
        "confirm_text": chosen.button,
        "danger": chosen.danger,
        "form": form,
        "problems": problems,
        "cancel_url": there,
    }
    return render(request, "staff/confirm.html", context, status=422 if data is not None else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def identity_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one outside identity at once."""
    identity = get_object_or_404(LinkedIdentity.objects.select_related("user"), pk=pk)
    problems: list[Problem] = []
    there = reverse("staff:person", args=[identity.user_id])
    if request.method == "POST":
        try:
            end_identity(identity=identity, actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, "已解除统一身份，即刻生效。")
            return redirect(there)
    context = {
        "heading": "解除统一身份",
        "breadcrumbs": crumbs((identity.user.display_name, there)),
        "rows": [{"label": "人员", "value": str(identity.user), "note": f"用户名 {identity.user.username}"}],
        "consequence": "即刻生效：本人不能再用统一身份认证登录，仍可用密码登录。",
        "confirm_text": "解除",
        "danger": True,
        "problems": problems,
        "cancel_url": there,
    }
    return render(request, "staff/confirm.html", context, status=422 if problems else 200)


def keep_link(request: SignedInRequest, person: User, link: str) -> HttpResponse:
    """On to the person's page, which shows the address of a link once."""
    secret_once.keep(request, _about(person), link)
    return redirect("staff:person", person.pk)


def show_link(request: SignedInRequest, person: User) -> HttpResponse | None:
    """The one time the address of a link is shown; None when none waits."""
    waiting = secret_once.take(request, _about(person))
    if waiting is None:
        return None
    context = {
        "heading": "一次性链接",
        "breadcrumbs": crumbs(),
        "person": person,
        "link": waiting[0],
        "needs_second": holds_duties(person),
        "hours": LINK_HOURS,
    }
    return render(request, "staff/link.html", context)


def _about(person: User) -> str:
    return f"link for {person.pk}"
