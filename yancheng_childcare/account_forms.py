"""Forms of the account's pages where allauth's own is too trusting."""

from __future__ import annotations

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress


class ResetPasswordForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The link goes only to an address its owner confirmed; the answer on the page is the same for every address."""

    def clean_email(self) -> str:
        address = str(get_adapter().clean_email(self.cleaned_data["email"].lower()))
        found = EmailAddress.objects.filter(email=address, verified=True, user__is_active=True)
        self.users = [row.user for row in found.select_related("user")]
        return address


class ChangePasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """Asks for the present password in the same act; wrong ones count as failed sign-ins, with their limit."""

    def clean_oldpassword(self) -> str:
        password = str(self.cleaned_data["oldpassword"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password
