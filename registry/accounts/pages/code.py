"""The registrar's page that makes and prints the code with which the institution opens its first account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yancheng_childcare import secret_once
from yancheng_childcare.secret_codes import grouped

from ...choices import OpeningPath
from ...models import AccountOpening
from ...registration.pages.lookup import own_institution
from ..opening import CODE_DAYS, issue_code
from ..people import duties_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_code(request: HttpRequest, uscc: str) -> HttpResponse:
    """Make a code (an earlier unused one is void), then show it once as a sheet; loaded again, the sheet stays good."""
    found = own_institution(request, uscc, "change")
    about = f"account code {uscc}"
    if request.method == "POST":
        secret_once.keep(request, about, grouped(issue_code(found, actor=request.user)))
        return redirect("accounts:code", uscc)
    code, _ = secret_once.take(request, about) or ("", "")
    context = {
        "institution": found,
        "code": code,
        "unused": AccountOpening.objects.unused(found, OpeningPath.CODE).first(),
        "days": CODE_DAYS,
        "holders": duties_for(uscc).count(),
        "breadcrumbs": [
            {"label": "机构登记", "url": reverse("registry:list")},
            {"label": found.name, "url": reverse("registry:detail", args=[uscc])},
        ],
    }
    return render(request, "registry/accounts/code.html", context)
