"""Public pages of the kernel: about, accessibility, error codes, component guide."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ..codes import catalogue


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the portal is, on which documents it rests, where its data comes from."""
    return render(request, "public/about.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How to use the portal by keyboard, in large type and without scripts."""
    return render(request, "public/accessibility.html")


@require_safe
def error_codes(request: HttpRequest) -> HttpResponse:
    """Every stable error code with its meaning."""
    return render(request, "public/error_codes.html", {"catalogue": catalogue()})


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component once, for those who build pages."""
    return render(request, "public/styleguide.html")


@csrf_exempt
@require_POST
def view_mode(request: HttpRequest) -> HttpResponse:
    """Switch between the standard and the large-type version; kept in a cookie for a year.

    Without a CSRF token: the form stands on every public page, those are shared by caches, and the worst a stranger can
    do is to change the size of the letters.
    """
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    mode = "large" if request.POST.get("mode") == "large" else "standard"
    response.set_cookie("view_mode", mode, max_age=31_536_000, secure=not settings.LOCAL, httponly=True, samesite="Lax")
    return response
