"""Atom feeds of an institution and of an area."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from yancheng_childcare.cross_origin import open_to_all

from ..caching import shared
from ..feeds import Followed, followed_area, followed_institution, render_feed


@require_safe
def institution_feed(request: HttpRequest, uscc: str) -> HttpResponseBase:
    """The last changes of one institution. Two queries; 404 when there is no such institution."""
    return _answer(request, followed_institution(uscc))


@require_safe
def area_feed(request: HttpRequest, code: str) -> HttpResponseBase:
    """The last changes of the city, a county or a town. One query; 404 when there is no such area."""
    return _answer(request, followed_area(code))


def _answer(request: HttpRequest, followed: Followed | None) -> HttpResponseBase:
    if followed is None:
        raise Http404
    response = HttpResponse(render_feed(followed), content_type="application/atom+xml; charset=utf-8")
    answer = shared(request, response)
    open_to_all(answer)
    return answer
