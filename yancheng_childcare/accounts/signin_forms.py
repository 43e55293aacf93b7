"""allauth's forms that look at a secret or send one, each with a bound on how often (`signin_limits`).

allauth's own limits are off: they count in the cache, which may be gone, and by address and account apart.
"""

from __future__ import annotations

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from django.core.exceptions import ValidationError

from ..callers import caller_network
from ..limits import HOUR, Limit, check_limit
from .signin_limits import CODE, log_failure, one_try

RESETS_PER_CALLER, RESETS_PER_MAILBOX = 20, 5  # an hour [A]
RESET_WORDS = "这一小时里申请重设密码的次数过多，这次没有发送邮件。请一小时后再试，或联系本单位管理员。"


class CodeForm(mfa_forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second factor at sign-in."""

    def clean_code(self) -> str:
        with one_try(context.request, account=self.user.username, factor=CODE):
            code: str = super().clean_code()
        return code


class ReauthenticationCodeForm(mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    """The second factor before something sensitive."""

    def clean_code(self) -> str:
        with one_try(context.request, account=self.user.username, factor=CODE):
            code: str = super().clean_code()
        return code


class ChangePasswordForm(account_forms.ChangePasswordForm):  # type: ignore[misc]
    """Asks the present password, so it could be guessed here: it counts together with the tries of signing in."""

    def clean_oldpassword(self) -> str:
        with one_try(context.request, account=self.user.username):
            try:
                password: str = super().clean_oldpassword()
            except ValidationError:
                log_failure(context.request, account=self.user.username)
                raise
        return password


class ResetPasswordForm(account_forms.ResetPasswordForm):  # type: ignore[misc]
    """The link goes only to an address its owner confirmed; the answer on the page is the same for every address.

    Bounds the mails by who asks and by where they go, whether or not an account has that address.
    """

    def clean_email(self) -> str:
        email = str(get_adapter().clean_email(self.cleaned_data["email"].strip().lower()))
        caller = caller_network(context.request)
        check_limit(Limit(f"reset:caller:{caller}", RESETS_PER_CALLER, HOUR), words=RESET_WORDS)
        check_limit(Limit(f"reset:mailbox:{email}", RESETS_PER_MAILBOX, HOUR), words=RESET_WORDS)
        found = EmailAddress.objects.filter(email=email, verified=True, user__is_active=True)
        self.users = [row.user for row in found.select_related("user")]
        return email
