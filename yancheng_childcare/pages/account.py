"""Pages of the account that allauth's own would leave open."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ConfirmEmailView
from django.http import Http404


class ConfirmEmail(ConfirmEmailView):  # type: ignore[misc]  # allauth has no types
    """The link of a confirmation mail, for the signed-in person it was sent for.

    allauth's page takes it from anybody who holds it; an administrator could then enter a mailbox of his own as
    another's address, confirm it and reset the password alone.
    """

    def get_object(self, queryset: Any = None) -> Any:
        confirmation = super().get_object(queryset)
        if confirmation.email_address.user_id != self.request.user.pk:
            raise Http404
        return confirmation

    def get_redirect_url(self) -> str:
        return "/accounts/email/"
