"""One institution as parents read it: lawful first, then safe, then everything else, each with its source and day."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from yancheng_childcare.context import is_large
from yancheng_childcare.deadlines import today_here

from ...choices import PublicStatus
from ...models import PublicChange
from ...rules import uscc as uscc_rules
from ..caching import edition, shared, unchanged
from ..changes import plans_of
from ..city_figures import city_figures
from ..closing import nearby, tag
from ..detail import Detail, read_detail
from ..query import LONGEST_NEAR, read_position
from ..structured import json_ld, page_of
from ..wording import STANDINGS
from .glance import apart, glance, reach
from .shown import shown_blocks
from .tray import chosen_codes, tray_context

SHOWN_CHANGES = 20
# What 长辈版 folds away: everything that is not about lawful, safe, dear, near, enough people (product.md C2).
FOLDED = ("service", "registration", "changes", "committee")


def mark_of(request: HttpRequest, detail: Detail, others: list[dict[str, Any]]) -> str:
    """The state of the page: the portal's edition, the entry, the city's figures, the day (what expired), the reading mode,
    what was chosen to compare.

    `others` are the institutions it names beside itself.
    """
    state = (detail.uscc, detail.version, detail.changed_at, city_figures(), today_here())
    chosen = (chosen_codes(request), request.GET.get("near", ""))
    parts = (edition(), *state, is_large(request), others, *chosen)
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


@require_safe
def institution(request: HttpRequest, uscc: str) -> HttpResponseBase:
    """The page of one institution; 304 when the visitor has it.

    At most three queries, one for a 304; one more where it stops, one for a choice. `?near=` (a code or a position) adds
    the distance.
    """
    detail = read_detail(uscc)
    if detail is None:
        return not_found(request, uscc)
    plans = plans_of(detail.content)
    others = nearby(uscc, detail.card) if plans else []
    etag = mark_of(request, detail, others)
    if (answer := unchanged(request, etag)) is not None:
        return answer
    changes = list(PublicChange.objects.filter(uscc=uscc)[:SHOWN_CHANGES]) if detail.version[0] != "r" else []
    large = is_large(request)
    today = today_here()
    blocks, unknown = apart(detail, shown_blocks(detail, today, changes, others))
    near = request.GET.get("near", "")[:LONGEST_NEAR]
    tray = tray_context(request, near)
    context: dict[str, Any] = {
        "heading": detail.card["name"],
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "detail": detail,
        "card": detail.card,
        "standing": STANDINGS[detail.status],
        "stopped": detail.status == PublicStatus.SUSPENDED,
        "plans": [{**plan, "tag": tag(plan, today)} for plan in plans],
        "glance": glance(detail, read_position(near) if near else None),
        "reach": reach(detail),
        "unknown": unknown,
        **tray,
        "pick": tray["tray"].pick(uscc),
        "blocks": [block for block in blocks if not large or block.name not in FOLDED],
        "folded": [block for block in blocks if large and block.name in FOLDED],
        "as_of": city_figures()["as_of"],
        "json_ld": json_ld(detail),
        "page_url": page_of(uscc),
    }
    return shared(request, render(request, "registry/register/institution.html", context), etag=etag)


def not_found(request: HttpRequest, uscc: str) -> HttpResponse:
    """No institution has this code: what that means and where to go."""
    problem = next(iter(uscc_rules.check_uscc(uscc)), None)
    context = {
        "heading": "没有查到这个代码",
        "words": uscc,
        "code_problem": problem.message if problem else "",
        "report_url": reverse("public:report-unfiled"),
        "chips": [],
    }
    return render(request, "registry/register/not_found.html", context, status=404)
