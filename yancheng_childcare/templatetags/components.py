"""Components with defaults, so that a page names only what differs: `{% button "暂存" kind="secondary" %}`.

What a component must show is given by position, the rest by name; the markup is in `templates/components/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from yancheng_childcare.fragments import kept, placed
from yancheng_childcare.problems import Problem

from .links import without_filters

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_part(context: template.Context, part: str, **values: Any) -> SafeString:
    """A template that shows these values and nothing else of the page, from memory (`fragments.kept`)."""
    request = context.get("request")
    return placed(kept(part, values), request.get_full_path() if request is not None else "/")


@register.inclusion_tag("components/button.html")
def button(
    text: str,
    *,
    kind: str = "primary",
    type: str = "submit",  # noqa: A002  the name of the attribute
    name: str = "",
    value: str = "",
    form_id: str = "",
    icon_name: str = "",
    small: bool = False,
    disabled: bool = False,
) -> dict[str, Any]:
    """A button of kind primary, secondary, danger or link; `form_id` for one that stands outside of its form."""
    return {
        "text": text,
        "kind": kind,
        "type": type,
        "name": name,
        "value": value,
        "form_id": form_id,
        "icon_name": icon_name,
        "small": small,
        "disabled": disabled,
    }


@register.inclusion_tag("components/link_button.html")
def link_button(
    text: str, url: str, *, kind: str = "primary", icon_name: str = "", small: bool = False, hidden_text: str = ""
) -> dict[str, Any]:
    """A link drawn as a button; `hidden_text` says to screen readers which one of many it is."""
    return {
        "text": text,
        "url": url,
        "kind": kind,
        "icon_name": icon_name,
        "small": small,
        "hidden_text": hidden_text,
    }


@register.inclusion_tag("components/notice.html")
def notice(
    kind: str, title: str = "", *, text: str = "", url: str = "", url_text: str = "", role: str = ""
) -> dict[str, str]:
    """A notice of kind info, success, warning, danger or plain."""
    return {"kind": kind, "title": title, "text": text, "url": url, "url_text": url_text, "role": role}


@register.inclusion_tag("components/empty.html")
def empty(title: str = "", *, text: str = "", url: str = "", url_text: str = "") -> dict[str, str]:
    """What stands where a list has no rows, with one way onward."""
    return {"title": title, "text": text, "url": url, "url_text": url_text}


@register.inclusion_tag("components/error_summary.html")
def error_summary(
    problems: Iterable[Problem] | None = None, form: forms.BaseForm | None = None, *, title: str = ""
) -> dict[str, Any]:
    """Everything that stops the step, each line a link to its field; nothing when nothing is wrong."""
    return {"problems": problems, "form": form, "title": title}


@register.inclusion_tag("components/field.html")
def field(
    field: BoundField,
    problems: Iterable[Problem] | None = None,
    *,
    hint: Any = "",
    unit: str = "",
    row: bool = False,
) -> dict[str, Any]:
    """A field with label, hint and errors; `hint` as in `field_parts`, `unit` after the box, `row`: choices in a row."""
    return {"field": field, "problems": problems, "hint": hint, "unit": unit, "row": row}


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: template.Context, form: forms.BaseForm, *, action: str = "") -> dict[str, Any]:
    """The filters of a list, sent by GET to `action`, and a chip for each that is applied."""
    clear_url = action or without_filters(form)
    return {"request": context.get("request"), "form": form, "action": action, "clear_url": clear_url}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[dict[str, Any]], *, plain: bool = False, pairs: bool = False) -> dict[str, Any]:
    """Labels and values; `plain`: no outer lines, `pairs`: two a line where the page is wide."""
    return {"rows": rows, "plain": plain, "pairs": pairs}
