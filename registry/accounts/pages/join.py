"""A colleague's invitation: accepted with the own account, or with a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yancheng_childcare.callers import caller_network
from yancheng_childcare.problems import Problem, Rejected

from ..entered import read_person
from ..forms import PersonForm
from ..opening import check_attempts, invitation, use


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept. Looking at the page uses nothing up."""
    found = invitation(token)
    if found is None:
        return render(request, "registry/accounts/join.html", {"gone": True}, status=410)
    known = request.user.is_authenticated
    form = PersonForm(request.POST if request.method == "POST" and not known else None)
    problems: list[Problem] = []
    context = {"form": form, "known": known, "opening": found}
    if request.method == "POST":
        form.full_clean()
        check_attempts(caller_network(request), found.no)
        person = read_person(form.cleaned_data if not known else {}, signed_in=request.user, found=problems)
        if person is not None:
            try:
                opened = use(found, person)
            except Rejected as rejected:
                problems = rejected.problems
            else:
                return render(request, "registry/accounts/join.html", {"opened": opened, "known": known})
    return render(
        request, "registry/accounts/join.html", context | {"problems": problems}, status=422 if problems else 200
    )
