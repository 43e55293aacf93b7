"""Every change to how a person signs in: kept as an act, told to the person, other sessions end (ASVS V6.3.7, V7.4.3).

allauth does the change and sends a signal; the three consequences hang on the signals, so a page or a service cannot
forget one. The notice goes to the address that was confirmed before the change, by the mail worker: it is in the same
transaction as its act and is not lost while the mail server is away.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.db import transaction

from ..masking import mask_email
from ..notifications import notify
from ..records import log_event
from .addresses import PAGE, confirmed_address
from .sessions import end_other_sessions

NOT_YOU = "如果不是您本人操作，请立即联系本单位管理员停用账号。"
KINDS = {Authenticator.Type.TOTP: "手机验证器", Authenticator.Type.RECOVERY_CODES: "备用验证码"}


def changed(request: Any, user: Any, action: str, words: str, *, url: str, mail_to: str | None = None) -> None:
    """The three consequences. `mail_to` is the address before the change where that was another one."""
    with transaction.atomic():
        log_event(action, subject=f"user:{user.pk}", summary=words, actor=user)
        notify(
            [user],
            title="账号安全提醒",
            body=f"{words}。{NOT_YOU}",
            url=url,
            mail_to=confirmed_address(user) if mail_to is None else mail_to,
        )
        if request.user.is_authenticated and request.user.pk == user.pk:
            end_other_sessions(request, user)


def password_changed(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    changed(request, user, "account.password_changed", "账号的密码已修改", url="/accounts/password/change/")


def password_reset(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """By the link in a mail; the new hash of the password has ended every session."""
    changed(request, user, "account.password_reset", "账号的密码已通过邮件链接重置", url="/accounts/password/change/")


def email_added(sender: Any, request: Any, user: Any, email_address: EmailAddress, **kwargs: Any) -> None:
    """Not yet in effect; the owner of the former address hears of it before it is."""
    words = f"已申请把账号的电子邮箱改为 {mask_email(email_address.email)}，打开确认链接后生效"
    changed(request, user, "account.email_requested", words, url=PAGE)


def email_changed(
    sender: Any, request: Any, user: Any, from_email_address: Any, to_email_address: Any, **kwargs: Any
) -> None:
    former = from_email_address.email if from_email_address is not None and from_email_address.verified else ""
    words = f"账号的电子邮箱已改为 {mask_email(to_email_address.email)}"
    changed(request, user, "account.email_changed", words, url=PAGE, mail_to=former)


def email_removed(sender: Any, request: Any, user: Any, email_address: EmailAddress, **kwargs: Any) -> None:
    words = f"已从账号删除电子邮箱 {mask_email(email_address.email)}"
    former = email_address.email if email_address.verified else None
    changed(request, user, "account.email_removed", words, url=PAGE, mail_to=former)


def factor_added(sender: Any, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    changed(request, user, "account.factor_added", f"账号已启用{KINDS[authenticator.type]}", url="/accounts/2fa/")


def factor_removed(sender: Any, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    changed(request, user, "account.factor_removed", f"账号已停用{KINDS[authenticator.type]}", url="/accounts/2fa/")


def codes_replaced(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    changed(request, user, "account.codes_replaced", "账号的备用验证码已重新生成", url="/accounts/2fa/")


def factor_failed(sender: Any, request: Any, user: Any, reauthentication: bool, **kwargs: Any) -> None:
    """A right password and a wrong code: the sign most worth keeping of a password that is known to others."""
    words = "再次确认时两步验证失败" if reauthentication else "登录时两步验证失败"
    log_event("signin.factor_failed", subject=f"user:{user.pk}", summary=words, actor=user, succeeded=False)


def connect() -> None:
    """Hang the consequences on allauth's signals (`KernelConfig.ready`)."""
    for signal, receiver in (
        (account.password_changed, password_changed),
        (account.password_set, password_changed),
        (account.password_reset, password_reset),
        (account.email_added, email_added),
        (account.email_changed, email_changed),
        (account.email_removed, email_removed),
        (mfa.authenticator_added, factor_added),
        (mfa.authenticator_removed, factor_removed),
        (mfa.authenticator_reset, codes_replaced),
        (mfa.authentication_failed, factor_failed),
    ):
        signal.connect(receiver, dispatch_uid=f"changes.{receiver.__name__}")
