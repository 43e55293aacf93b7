"""Links that keep the filters of a list, and the chips that take one away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

register = template.Library()


def _query(context: template.Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


def _link(query: QueryDict) -> str:
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **values: Any) -> str:
    """`?a=1&page=2`: the present query with these values set; None or "" removes the key."""
    query = _query(context)
    for key, value in values.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return _link(query)


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, key: str, value: Any = None) -> str:
    """The present query without `key`, or without that one of its values; the page number goes as well."""
    query = _query(context)
    rest = [v for v in query.getlist(key) if value is not None and v != str(value)]
    query.pop(key, None)
    query.pop("page", None)
    if rest:
        query.setlist(key, rest)
    return _link(query)


@register.simple_tag(takes_context=True)
def filter_chips(context: template.Context, form: forms.BaseForm) -> list[dict[str, str]]:
    """One removable chip per value of a bound filter form: `label`, `remove_url`; hidden fields and order have none."""
    chips = []
    read = form.cleaned_data if form.is_bound and form.errors is not None else {}
    for bound in form if form.is_bound else ():
        if bound.is_hidden or bound.name in {"ordering", "page"} or not read.get(bound.name):
            continue
        names = {str(k): str(v) for k, v in _flat_choices(bound.field)}
        for value in _query(context).getlist(bound.name):
            if value.strip():
                word = names.get(value, value)
                chips.append(
                    {"label": f"{bound.label}：{word}", "remove_url": query_without(context, bound.name, value)}
                )
    return chips


@register.simple_tag
def without_filters(form: forms.BaseForm) -> str:
    """The list with nothing chosen: `?`, with the tab one is on (the hidden fields)."""
    kept = {bound.html_name: bound.value() for bound in form.hidden_fields() if bound.value()}
    return f"?{urlencode(kept)}"


def _flat_choices(field: forms.Field) -> Iterable[tuple[Any, Any]]:
    for key, label in getattr(field, "choices", ()):
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label


@register.simple_tag
def page_numbers(page: Any) -> list[int | str]:
    """Page numbers of a Django page with gaps as "…", at most nine entries."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
