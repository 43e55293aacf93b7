"""Single sign-on: an outside identity signs in as the person two administrators linked it to, and as nobody else.

The province's sign-in is a portal of citizens: a user name, a telephone number or an e-mail address there is chosen by
its owner. Only the provider's subject (`sub`) counts, compared exactly, by its keyed hash (security.md M6). allauth's
own table of links is never written: an identity that was ended is refused at the next sign-in, and what the provider
tells about the person is not kept.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone

from ..choices import Role
from ..crypto import exact_index
from ..models import LinkedIdentity, User
from ..notifications import notify
from ..problems import Problem, Rejected
from ..records import log_event
from .addresses import confirmed_address

PROVIDER, LEGAL = "province", "province-legal"
#: Somebody signed in for an institution at the province. Sent with `uscc`, `subject_index`, `name`; the receiver answers
#: with the `User`, or raises Rejected with the words for the sign-in page.
legal_person_came = Signal()
PURPOSE = "single sign-on subject"
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2: `sub` has at most 255 ASCII characters


def subject_index(provider: str, subject: str) -> str:
    """The keyed hash of a subject, exact to the character, different for each provider."""
    return exact_index(f"{provider}\n{subject}", PURPOSE)


def _administrator(actor: User, user: User) -> None:
    if not actor.has_role(Role.ADMIN):
        raise Rejected(Problem("ACC-403", "", "只有平台管理员可以登记和解除统一身份。"), status=403)
    if actor.pk == user.pk:
        raise Rejected(Problem("ACC-410", "", "不能办理本人的统一身份，请由其他管理员办理。"), status=403)


def check_identity(*, user: User, subject: str, actor: User, provider: str = PROVIDER) -> str:
    """The index of a subject that may be linked to `user` by `actor`.

    Raises Rejected: not an administrator or one's own (403), no or too long a subject (422), linked already (409).
    """
    _administrator(actor, user)
    text = subject.strip()
    if not text or len(text) > LONGEST_SUBJECT:
        words = "请填写统一身份认证服务给出的身份标识（sub），最长 255 个字符。"
        raise Rejected(Problem("ACC-422", "subject", words))
    index = subject_index(provider, text)
    if LinkedIdentity.objects.filter(provider=provider, subject_index=index, ended_at__isnull=True).exists():
        words = "这个身份标识已登记给一个用户。请核对标识；需要改登记的，先解除原来的登记。"
        raise Rejected(Problem("ACC-409", "subject", words), status=409)
    return index


@transaction.atomic
def link_identity(*, user: User, subject: str, actor: User, provider: str = PROVIDER) -> LinkedIdentity:
    """An administrator enters the provider's subject of a person; it takes effect when another one approved it.

    Raises Rejected as `check_identity`.
    """
    User.objects.select_for_update().get(pk=user.pk)
    index = check_identity(user=user, subject=subject, actor=actor, provider=provider)
    identity = LinkedIdentity.objects.create(user=user, provider=provider, subject_index=index, granted_by=actor)
    _keep(identity, "identity.entered", f"登记 {user} 的统一身份（待批准）", actor)
    return identity


def identity_was_approved(identity: LinkedIdentity, actor: User) -> None:
    """From now on the identity signs in, and the person is told; called by `approvals` in its transaction."""
    _tell(identity.user, "管理员为您的账号开通了统一身份认证登录")


@transaction.atomic
def end_identity(*, identity: LinkedIdentity, actor: User) -> LinkedIdentity:
    """One administrator ends a link at once; ending twice changes nothing.

    Raises Rejected (403) for anybody else.
    """
    found = LinkedIdentity.objects.select_for_update(of=("self",)).select_related("user").get(pk=identity.pk)
    _administrator(actor, found.user)
    if found.ended_at is None:
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        _keep(found, "identity.ended", f"解除 {found.user} 的统一身份", actor)
        _tell(found.user, "管理员解除了您账号的统一身份认证登录")
    return found


def _keep(identity: LinkedIdentity, action: str, words: str, actor: User | None) -> None:
    data = {"identity": identity.pk, "provider": identity.provider}
    log_event(action, subject=f"user:{identity.user_id}", summary=words, actor=actor, data=data)


def _tell(user: User, words: str) -> None:
    body = f"{words}。如有疑问，请立即联系本单位管理员。"
    notify([user], title="账号安全提醒", body=body, url="/accounts/email/", mail_to=confirmed_address(user))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Who comes back from the provider: signed in when linked, refused with the next step when not."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        account = sociallogin.account
        provider, subject, told = account.provider, str(account.uid), account.extra_data
        # allauth puts both into the session while the second factor is asked.
        account.extra_data, sociallogin.token = {}, None
        if sociallogin.state.get("process") != "login" or not same_subject(told, subject):
            self.refuse(request, provider, subject, "统一身份认证返回的信息不完整或不一致，没有登录。请重新登录。")
        index = subject_index(provider, subject)
        if provider == LEGAL:
            sociallogin.user, account.uid = self.for_institution(request, told, subject), index
            return
        found = LinkedIdentity.objects.in_force().filter(provider=provider, subject_index=index)
        identity = found.select_related("user").first()
        if identity is None:
            words = (
                "统一身份认证成功，但您的身份还没有登记到本平台的账号。请把身份标识 "
                f"{subject[:LONGEST_SUBJECT]} 告诉本单位管理员，由管理员登记后再用这种方式登录。"
            )
            self.refuse(request, provider, subject, words)
        if identity.first_used_at is None:
            with transaction.atomic():
                LinkedIdentity.objects.filter(pk=identity.pk).update(first_used_at=timezone.now())
                _keep(identity, "identity.first_used", f"{identity.user} 首次通过统一身份认证登录", identity.user)
                _tell(identity.user, "您的账号首次通过统一身份认证登录")
        # The session remembers how somebody signed in; the subject itself is kept nowhere.
        sociallogin.user, account.uid = identity.user, index

    def for_institution(self, request: HttpRequest, told: dict[str, Any], subject: str) -> User:
        """The person who may act for the institution whose credit code the provider tells; who that is, is heard above."""
        parts = [part for part in told.values() if isinstance(part, dict)]
        known = {str(part[claim]) for part in parts if (claim := settings.LEGAL_OIDC_USCC_CLAIM) in part}
        if len(known) != 1:
            words = "统一身份认证没有给出机构的统一社会信用代码，没有登录。请用法人账号登录后再试。"
            self.refuse(request, LEGAL, subject, words)
        name = next((str(part["name"]) for part in parts if part.get("name")), "")
        try:
            # The first that hears answers; nobody else listens.
            answers = legal_person_came.send(
                type(self), uscc=known.pop().upper(), subject_index=subject_index(LEGAL, subject), name=name
            )
        except Rejected as rejected:
            self.refuse(request, LEGAL, subject, rejected.problems[0].message)
        return cast(User, answers[0][1])

    def refuse(self, request: HttpRequest, provider: str, subject: str, words: str) -> NoReturn:
        """Back to the sign-in page with the reason; kept as a failed act that names the subject only by its index."""
        log_event(
            "signin.refused",
            subject="signin",
            summary="统一身份认证登录被拒绝",
            data={"provider": provider, "subject_index": subject_index(provider, subject)},
            succeeded=False,
        )
        messages.error(request, words)
        raise ImmediateHttpResponse(redirect("account_login"))

    def serialize_instance(self, instance: Any) -> Any:
        """Of the person only the key: the session needs no password hash while the second factor is asked."""
        return {"id": instance.pk} if isinstance(instance, User) else super().serialize_instance(instance)

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        log_event("signin.refused", subject="signin", summary="统一身份认证没有完成", succeeded=False)


def same_subject(told: dict[str, Any], subject: str) -> bool:
    """Whether every part of the provider's answer speaks of one subject (OpenID Connect Core 1.0, section 5.3.2)."""
    subjects = {str(part["sub"]) for part in told.values() if isinstance(part, dict) and "sub" in part}
    return subjects <= {subject}
