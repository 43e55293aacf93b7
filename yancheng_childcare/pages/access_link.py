"""The page behind a one-time link: its person sets a password and then signs in as always, second factor included."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ..accounts.requests import follow_link, open_link
from ..problems import Problem, Rejected


class AccessLinkForm(SetPasswordForm):  # type: ignore[type-arg]  # generic only in the stubs
    """The new password twice, and the code of the approving administrator where two were needed."""

    code = forms.CharField(label="批准码", max_length=40, help_text="由批准的管理员当面或电话告知，10 位。")
    field_order = ("code", "new_password1", "new_password2")
    use_required_attribute = False

    def __init__(self, *args: Any, needs_code: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not needs_code:
            del self.fields["code"]


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def access_link(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password of the account the link was made for. Looking at the page uses nothing up."""
    found = open_link(token)
    if found is None:
        return render(request, "account/access_link.html", {"gone": True}, status=410)
    form = AccessLinkForm(found.user, request.POST or None, needs_code=found.needs_second)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            follow_link(token, password=form.cleaned_data["new_password1"], code=form.cleaned_data.get("code", ""))
        except Rejected as rejected:
            if rejected.status == 410:
                return render(request, "account/access_link.html", {"gone": True}, status=410)
            problems = rejected.problems
        else:
            return render(request, "account/access_link.html", {"done": True})
    context = {"form": form, "problems": problems, "person": found.user}
    return render(request, "account/access_link.html", context, status=422 if problems or form.errors else 200)
