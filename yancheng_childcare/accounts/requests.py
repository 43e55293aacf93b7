"""Accounts of other people: made without a password, opened by a one-time link, never by a typed one (security.md H4a).

A link for an account that was ever given a duty takes two administrators: one asks and gets the address, the other
approves and gets a code, and the person needs both. The link sets the password and signs nobody in, so the second factor
is asked as always; a lost second factor is reset by two administrators as well.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from ..choices import AccountRequestKind, Role
from ..models import AccountRequest, Duty, User
from ..notifications import notify
from ..problems import Problem, Rejected
from ..records import log_event
from ..secret_codes import new_code
from .addresses import enter_address

# Ours [A]: a link is handed over the same day.
LINK_HOURS = 24
WRONG_CODES = 5
ADMINISTRATORS = 2
_CODE_LENGTH = 10


def holds_duties(user: User) -> bool:
    """Whether the account was ever given a duty, ended and waiting ones included: then one person alone opens it no more."""
    return Duty.objects.filter(user=user).exists()


def create_account(*, username: str, display_name: str, email: str = "", actor: Any) -> tuple[User, str]:
    """A new person without any right; returns the account and the address of the link that sets its password."""
    with transaction.atomic():
        user = User.objects.create_user(username=username, display_name=display_name)
        log_event("user.created", subject=f"user:{user.pk}", summary=f"新建用户 {user.username}", actor=actor)
        if email:
            enter_address(user=user, address=email, actor=actor)
        _, link = ask(user=user, kind=AccountRequestKind.LINK, actor=actor)
    return user, link


def ask(
    *, user: User, kind: str, actor: Any, email: str = "", reason: str = "", needs_second: bool | None = None
) -> tuple[AccountRequest, str]:
    """Ask for something on an account; an earlier open request of the kind ends. Returns it with the link's address.

    The address is empty unless `kind` is LINK, and cannot be read again. A link to an account without any duty works at
    once; all else waits for another administrator. `needs_second` False is for `first_administrators` alone, when there is
    nobody to approve.
    """
    token = secrets.token_urlsafe(32) if kind == AccountRequestKind.LINK else ""
    with transaction.atomic():
        # One account at a time, and a duty granted meanwhile is seen.
        User.objects.select_for_update().get(pk=user.pk)
        if needs_second is None:
            needs_second = kind != AccountRequestKind.LINK or holds_duties(user)
        AccountRequest.objects.filter(user=user, kind=kind, closed_at__isnull=True).update(closed_at=timezone.now())
        request = AccountRequest.objects.create(
            user=user,
            kind=kind,
            email=email,
            reason=reason[:200],
            granted_by=actor if getattr(actor, "pk", None) else None,
            needs_second=needs_second,
            token_hash=_hash(token) if token else "",
            expires_at=timezone.now() + timedelta(hours=LINK_HOURS),
        )
        waits = "，须由另一名管理员批准" if needs_second else ""
        action = "user.link_issued" if token else "user.request.granted"
        _keep(action, request, f"为 {user.username} 申请：{request.get_kind_display()}{waits}", actor)
        if needs_second:
            notify([user], title="有人为您的账号提出申请", body=_told(request, "申请", actor))
    return request, f"{settings.PORTAL_URL}{reverse('access_link', args=[token])}" if token else ""


def carry_out(request: AccountRequest, actor: Any) -> None:
    """What an approved request does; called by `approvals` in its transaction. A link's code is left on `request.code`."""
    user = User.objects.select_for_update().get(pk=request.user_id)
    if request.kind == AccountRequestKind.LINK:
        code = new_code(_CODE_LENGTH)
        request.code = code  # type: ignore[attr-defined]  # shown once to who approved, stored nowhere
        request.code_hash = _hash(code)
        request.expires_at = timezone.now() + timedelta(hours=LINK_HOURS)
        request.save(update_fields=["code_hash", "expires_at"])
    else:
        if request.kind == AccountRequestKind.SECOND_FACTOR:
            Authenticator.objects.filter(user=user).delete()
            end_sessions(user)
        else:
            enter_address(user=user, address=request.email, actor=actor)
        _close(request)
    notify([user], title="对您账号的申请已批准", body=_told(request, "批准", actor))


def renew_part(request: AccountRequest, actor: Any) -> str:
    """A link's own part anew for who may have it: the address for who asked, the code for who approved, never both.

    The former one of that part opens nothing any more; what was typed wrong stays counted. Raises Rejected: 403 for
    anybody else, 409 for a link that is used, over, or not approved yet.
    """
    with transaction.atomic():
        found = AccountRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=request.pk)
        if found.kind != AccountRequestKind.LINK or found.why_closed() or found.approved_by_id is None:
            raise Rejected(Problem("GEN-409", "", "这个一次性链接已经用过或者过期，请在人员页面重新申请。"), status=409)
        if actor.pk == found.granted_by_id:
            token = secrets.token_urlsafe(32)
            found.token_hash, part = _hash(token), f"{settings.PORTAL_URL}{reverse('access_link', args=[token])}"
        elif actor.pk == found.approved_by_id:
            part = new_code(_CODE_LENGTH)
            found.code_hash = _hash(part)
        else:
            words = "链接由提出人领取，批准码由批准人领取，其他人都不能领取。"
            raise Rejected(Problem("GEN-403", "", words), status=403)
        found.save(update_fields=["token_hash", "code_hash"])
        which = "链接" if actor.pk == found.granted_by_id else "批准码"
        _keep("user.link_issued", found, f"领取 {found.user.username} 的一次性链接：{which}", actor)
    return part


def duty_was_approved(duty: Duty, actor: Any) -> None:
    """A link that one person alone could ask for opens no account that has rights: an open one ends here."""
    AccountRequest.objects.filter(user=duty.user_id, needs_second=False, closed_at__isnull=True).update(
        closed_at=timezone.now()
    )


def open_link(token: str, *, lock: bool = False) -> AccountRequest | None:
    """The request behind a link's address while it can be used, else None. `lock` inside a transaction."""
    rows = AccountRequest.objects.select_for_update(of=("self",)) if lock else AccountRequest.objects.all()
    found = rows.select_related("user").filter(token_hash=_hash(token), kind=AccountRequestKind.LINK).first()
    if found is None or found.why_closed() or (found.needs_second and found.approved_by_id is None):
        return None
    return found


def follow_link(token: str, *, password: str, code: str = "") -> User:
    """Set the password of the link's person, end all their sessions and use the link up. Signs nobody in.

    Raises Rejected: 410 (GEN-410) for a link that is used, expired or not approved, 422 for a wrong code; the fifth wrong
    code ends the link. `password` is validated by the caller's form.
    """
    with transaction.atomic():
        request = open_link(token, lock=True)
        right = request is not None and (
            not request.needs_second or constant_time_compare(request.code_hash, _hash(code.strip().upper()))
        )
        if request is not None and right:
            user = User.objects.select_for_update().get(pk=request.user_id)
            user.set_password(password)
            user.is_active = True
            user.save(update_fields=["password", "is_active"])
            end_sessions(user)
            _close(request)
            _keep("user.link_used", request, f"{user.username} 用一次性链接设置了密码", None)
            notify([user], title="您的密码已设置", body="您的账号刚刚用一次性链接设置了密码，其他设备上的登录已失效。"
                   "如果不是您本人操作，请立即联系平台管理员停用账号。")  # fmt: skip
            return user
        if request is not None:
            request.wrong_codes += 1
            if request.wrong_codes >= WRONG_CODES:
                request.closed_at = timezone.now()
            request.save(update_fields=["wrong_codes", "closed_at"])
            _keep("user.link_refused", request, f"{request.user.username} 的一次性链接：批准码不对", None, False)
    # Outside of the transaction: a wrong try stays counted.
    if request is None or request.closed_at is not None:
        words = "这个链接已经用过、已经过期，或者还没有批准。请向平台管理员重新申请。"
        raise Rejected(Problem("GEN-410", "", words), status=410)
    left = WRONG_CODES - request.wrong_codes
    raise Rejected(Problem("GEN-422", "code", f"批准码不对，还可以再试 {left} 次。请向批准的管理员核对。"))


def change_account(user: User, *, values: Mapping[str, Any], actor: Any) -> User:
    """Name, and for an account without duties the e-mail address; switching off. Raises Rejected for what takes two persons.

    Switching an account on again and another address for somebody with duties are requests (`ask`): each would otherwise
    let one administrator act as that person.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        changed = {name: value for name, value in values.items() if value != getattr(locked, name)}
        if changed.keys() - {"display_name", "email", "is_active"}:
            raise ValueError(f"not to be changed: {sorted(changed)}")
        if changed.get("is_active"):
            words = "停用的账号由一次性链接恢复。请在“账号申请”中为该账号申请链接，经另一名管理员批准。"
            raise Rejected(Problem("GEN-403", "is_active", words), status=403)
        if "email" in changed and holds_duties(locked):
            words = "有职责的账号更改邮箱须两人办理。请在“账号申请”中提出，经另一名管理员批准。"
            raise Rejected(Problem("GEN-403", "email", words), status=403)
        if changed.get("is_active") is False:
            refuse_too_few_administrators(without_user=locked)
            locked.account_requests.filter(closed_at__isnull=True).update(closed_at=timezone.now())
        if "email" in changed:
            enter_address(user=locked, address=changed["email"], actor=actor)
        kept = {name: value for name, value in changed.items() if name != "email"}
        for name, value in kept.items():
            setattr(locked, name, value)
        if kept:
            locked.save(update_fields=list(kept))
        if changed:
            log_event(
                "user.changed",
                subject=f"user:{locked.pk}",
                summary=f"修改用户 {locked.username}",
                actor=actor,
                data={"fields": sorted(changed)},
            )
    return locked


def refuse_too_few_administrators(*, without_user: User | None = None, without_duty: Duty | None = None) -> None:
    """Raises Rejected when fewer than two administrators would remain of now two or more: nobody could approve any more."""
    in_force = Duty.objects.in_force().filter(role=Role.ADMIN, user__is_active=True)
    left = in_force.exclude(user=without_user) if without_user else in_force
    left = left.exclude(pk=without_duty.pk) if without_duty else left
    before, after = (rows.values("user").distinct().count() for rows in (in_force, left))
    if after < before and after < ADMINISTRATORS:
        words = "平台至少要有两名在用的管理员，否则无人可以批准。请先授予并批准另一名管理员，再作这项修改。"
        raise Rejected(Problem("GEN-409", "", words), status=409)


def end_sessions(user: User) -> None:
    """Sign the person out everywhere, also where a session is not in the list (`session_epoch`)."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    for session in UserSession.objects.filter(user=user):
        session.end()


def _close(request: AccountRequest) -> None:
    request.closed_at = timezone.now()
    request.save(update_fields=["closed_at"])


def _told(request: AccountRequest, verb: str, actor: Any) -> str:
    who = f"管理员{actor.display_name}" if getattr(actor, "pk", None) else "服务器上的管理命令"
    return f"{who}{verb}了：{request.get_kind_display()}。如果您没有提出过，请立即联系另一名平台管理员。"


def _keep(action: str, request: AccountRequest, summary: str, actor: Any, succeeded: bool = True) -> None:
    data = {"request": request.pk, "kind": request.kind, "needs_second": request.needs_second}
    log_event(action, subject=f"user:{request.user_id}", summary=summary, actor=actor, data=data, succeeded=succeeded)


def _hash(text: str) -> str:
    """SHA-256. A token has 256 random bits; a code has 49 and five tries."""
    return hashlib.sha256(text.encode()).hexdigest()
