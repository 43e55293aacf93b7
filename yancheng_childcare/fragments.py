"""Parts of pages that are the same for every visitor, rendered once a process and kept in its memory.

A kept part is rendered with the values it is kept under and nothing else: no request, no session, no person. What it
shows can therefore neither be somebody's nor be stale. The address of the page, which forms lead back to, stands in it as
`HERE` and is put in when the page is made.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# No value can hold it: whatever a template shows is escaped.
HERE = mark_safe("<here>")  # noqa: S308  # our own mark


def kept(template: str, values: dict[str, Any]) -> SafeString:
    """The template with these values (what JSON can hold), from memory where it was rendered before."""
    return _kept(template, orjson.dumps(values, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=256)
def _kept(template: str, values: bytes) -> SafeString:
    return mark_safe(render_to_string(template, {**orjson.loads(values), "here": HERE}))  # noqa: S308  # a template's


def placed(html: str, address: str) -> SafeString:
    """The part as it stands on the page of this address (path and query)."""
    return mark_safe(html.replace(HERE, escape(address)))  # noqa: S308  # escaped, and a template's
