"""How to read this: statuses, safety gates and terms in plain words. Every public word has its place here."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..caching import shared
from ..wording import STANDINGS
from .glossary import GATES, REGISTRATION_STATES, STATES, TERMS

CONTENTS = (
    ("status", "备案状态"), ("registration-states", "登记状态"), ("gates", "安全底线"),
    *((group.anchor, group.title) for group in TERMS),
)  # fmt: skip


@require_safe
def how_to_read(request: HttpRequest) -> HttpResponseBase:
    """The page; the same for everybody, no query."""
    context = {
        "heading": "怎么看懂机构信息",
        "lead": "先看是否合法，再看安全底线，然后看现场核实、收费和人员。",
        "breadcrumbs": [{"label": "查机构", "url": reverse("public:search")}],
        "contents": CONTENTS,
        "standings": STANDINGS.values(),
        "registrations": REGISTRATION_STATES,
        "states": STATES,
        "gates": GATES,
        "groups": TERMS,
    }
    return shared(request, render(request, "registry/register/how_to_read.html", context))
