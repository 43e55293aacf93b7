"""Filters and tags of every template (a template builtin: no `{% load %}` needed). Shown on /styleguide/.

Pure wording lives in the filters; the tags only prepare what `templates/components/` draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from yancheng_childcare import masking, workdays
from yancheng_childcare.problems import Level, Problem

register = template.Library()

register.filter("mask_id", masking.mask_id)
register.filter("mask_phone", masking.mask_phone)
register.filter("mask_name", masking.mask_name)

# Light -> (icon, default word). The shape differs as well as the colour (product.md C1: colour never the only signal).
LIGHTS = {
    "green": ("check-circle", "正常"),
    "yellow": ("clock-triangle", "临期"),
    "red": ("stop", "超期"),
    "grey": ("pause", "暂停"),
    "blue": ("flag", "办结"),
    "plain": ("dot", ""),
}


_ISO_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


# --- wording ---------------------------------------------------------------------------------------------------------
def _day(value: Any) -> date | None:
    """The Asia/Shanghai calendar day of a date, a datetime or an ISO text; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


@register.filter
def cn_date(value: Any) -> str:
    """`2026年11月23日`, for sentences (product.md C1); empty for no date."""
    day = _day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def by_day(value: Any) -> str:
    """`12月7日（星期一）前（含当日）`, the last day in time, for sentences; with the year when it is another one."""
    day = _day(value)
    return workdays.by_day(day, timezone.localdate()) if day else ""


@register.filter
def iso_date(value: Any) -> str:
    """`2026-11-23`, for tables; empty for no date."""
    day = _day(value)
    return day.isoformat() if day else ""


@register.filter
def machine_time(value: Any) -> str:
    """A day or a moment for `<time datetime>`, a moment with +08:00 as everywhere."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value or "")


@register.filter
def cn_datetime(value: Any) -> str:
    """`2026年11月23日 09:30` in Asia/Shanghai, 24 hours; a plain date shows no time."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return ""
    if not isinstance(value, datetime):
        return cn_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(local)} {local:%H:%M}"


@register.filter
def cn_moment(value: datetime) -> str:
    """As `cn_datetime`, to the second: where what happens next is seconds away."""
    return f"{cn_datetime(value)}:{timezone.localtime(value):%S}"


@register.filter
def days_since(value: Any) -> int | str:
    """Calendar days from that day to today in Asia/Shanghai (0 = today); empty for no date."""
    day = _day(value)
    return (timezone.localdate() - day).days if day else ""


@register.filter
def thousands(value: Any) -> str:
    """`18,460`; anything that is no number is shown as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return "" if value is None else str(value)
    return f"{number:,f}" if number.is_finite() else str(value)


@register.filter
def whole_dates(value: Any) -> SafeString:
    """The text, escaped, with every ISO date kept on one line: a browser breaks `2026-04-` from `29`."""
    return mark_safe(_ISO_DAY.sub(r'<span class="nowrap">\g<0></span>', escape(value)))  # noqa: S308  # escaped


@register.filter
def money(value: Any) -> str:
    """Yuan: `1,980 元`, with two decimals only when there are any fen; empty for no amount."""
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return ""
    return f"{amount:,.0f} 元" if amount == amount.to_integral_value() else f"{amount:,.2f} 元"


@register.filter
def uscc(value: Any) -> SafeString:
    """A credit code in its groups 2-6-9-1 (GB 32100-2015) for reading; a copy holds the 18 characters, no blanks."""
    code = re.sub(r"\s", "", str(value or "")).upper()
    if len(code) != 18:
        return format_html('<span class="code">{}</span>', code)
    return format_html(
        '<span class="code uscc"><span>{}</span><span>{}</span><span>{}</span><span>{}</span></span>',
        code[:2],
        code[2:8],
        code[8:17],
        code[17],
    )


# --- links that keep the filters -------------------------------------------------------------------------------------
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
    for bound in form if form.is_bound else ():
        if bound.is_hidden or bound.name in {"ordering", "page"}:
            continue
        names = {str(k): str(v) for k, v in _flat_choices(bound.field)}
        for value in _query(context).getlist(bound.name):
            if value.strip():
                word = names.get(value, value)
                chips.append(
                    {"label": f"{bound.label}：{word}", "remove_url": query_without(context, bound.name, value)}
                )
    return chips


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


# --- drawings --------------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of static/img/icons.svg; hidden from screen readers unless it has a label of its own."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.inclusion_tag("components/tag.html")
def light(colour: str, text: str = "", number: Any = "") -> dict[str, Any]:
    """A status tag: `{% light "yellow" "临期" "剩 1 个工作日" %}`. Same as including components/tag.html."""
    return {"light": colour, "text": text, "number": number}


@register.inclusion_tag("components/tag.html")
def clock(light: Any) -> dict[str, Any]:
    """The tag of a `workdays.Light`: colour, word and the working days left or past; no light means no time limit."""
    if light is None:
        return {"light": "plain", "text": "无时限"}
    return {"light": light.colour, "text": light.word, "number": light.number}


@register.simple_tag
def light_parts(colour: Any, text: str = "") -> dict[str, str]:
    """Colour, icon and word of a light, for components/tag.html; an unknown colour is drawn plain."""
    key = str(getattr(colour, "value", colour) or "plain").lower()
    key = {"gray": "grey"}.get(key, key)
    key = key if key in LIGHTS else "plain"
    return {"colour": key, "icon": LIGHTS[key][0], "text": text or LIGHTS[key][1]}


def _share(value: Any, most: Any) -> float:
    try:
        part, whole = float(value), float(most)
    except (TypeError, ValueError):
        return 0.0
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


@register.simple_tag
def bar(value: Any, max: Any, label: Any = None) -> SafeString:  # noqa: A002  the template reads {% bar value max %}
    """A 96 px bar with its number as text beside it; `label` replaces the number."""
    return format_html(
        '<span class="bar"><svg width="96" height="10" aria-hidden="true" focusable="false">'
        '<rect class="bar__track" width="96" height="10" rx="2"/>'
        '<rect class="bar__fill" width="{}" height="10" rx="2"/></svg> {}</span>',
        f"{96 * _share(value, max):.1f}",
        thousands(value) if label is None else label,
    )


@register.simple_tag
def progress(value: Any, max: Any, label: str = "") -> SafeString:  # noqa: A002  same order as bar
    """A full-width progress bar: words and `63 / 84` above, drawn by the server."""
    return format_html(
        '<div class="progress"><p class="progress__label"><span>{}</span><span>{} / {}</span></p>'
        '<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar__track" width="100" height="4"/><rect class="bar__fill" width="{}" height="4"/></svg></div>',
        label,
        thousands(value),
        thousands(max),
        f"{100 * _share(value, max):.1f}",
    )


@register.simple_tag
def sparkline(values: Sequence[Any], label: str) -> SafeString:
    """A 120 × 32 px line of at least two numbers; `label` says in words what the line shows."""
    numbers = [float(v) for v in values if v is not None]
    if len(numbers) < 2:
        return format_html('<span class="soft">{}</span>', "数据不足，暂不画图")
    low, high = min(numbers), max(numbers)
    step = 112 / (len(numbers) - 1)
    points = [
        (4 + i * step, 28 - 24 * ((n - low) / (high - low) if high > low else 0.5)) for i, n in enumerate(numbers)
    ]
    return format_html(
        '<span class="spark"><svg width="120" height="32" role="img" aria-label="{}">'
        '<polyline class="spark__line" points="{}"/><circle class="spark__dot" cx="{}" cy="{}" r="3.5"/></svg></span>',
        label,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        f"{points[-1][0]:.1f}",
        f"{points[-1][1]:.1f}",
    )


# --- forms -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FieldParts:
    """What components/field.html draws. `kind` is one of text, group, checkbox, hidden."""

    kind: str
    id: str
    label: str
    hint: Any
    optional: bool
    errors: list[str]
    warnings: list[str]
    widget: SafeString
    options: list[Any]


def _problems_of(name: str, problems: Iterable[Problem] | None, level: Level) -> list[str]:
    return [p.message for p in problems or () if p.field == name and p.level is level]


def _width(field: forms.Field) -> str:
    """Short answers get short boxes: the width says what is expected."""
    if isinstance(field, (forms.DateField, forms.IntegerField, forms.DecimalField)):
        return "input--w12"
    length = getattr(field, "max_length", None)
    return "input--w12" if length and length <= 12 else "input--w20" if length and length <= 20 else ""


@register.simple_tag
def field_parts(field: BoundField, problems: Iterable[Problem] | None = None, hint: Any = "") -> FieldParts:
    """Everything components/field.html needs of a bound field, with the field's own problems among its errors.

    Optional fields are marked, required ones are not (one convention). The hint is the help text unless given; False shows none.
    Placeholders are dropped: they vanish while one types, and the label above already says it.
    """
    widget, ident = field.field.widget, field.auto_id or f"id_{field.html_name}"
    errors = list(dict.fromkeys([*map(str, field.errors), *_problems_of(field.name, problems, Level.BLOCK)]))
    noted = _problems_of(field.name, problems, Level.WARN)
    if hint is False:
        hint = ""
    elif not hint:
        hint = field.help_text or ("格式：2026-11-23" if isinstance(field.field, forms.DateField) else "")
    described = " ".join(
        f"{ident}_{part}" for part, shown in (("hint", hint), ("error", errors), ("warning", noted)) if shown
    )
    attrs: dict[str, Any] = {"aria-describedby": described} if described else {}
    if errors:
        attrs["aria-invalid"] = "true"
    if "placeholder" in widget.attrs:
        attrs["placeholder"] = False
    kind = "text"
    if field.is_hidden:
        kind = "hidden"
    elif isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        kind = "group"
    elif isinstance(widget, forms.CheckboxInput):
        kind = "checkbox"
    else:
        attrs["class"] = f"input {_width(field.field)} {widget.attrs.get('class', '')}".strip()
    return FieldParts(
        kind=kind,
        id=ident,
        label=str(field.label or ""),
        hint=hint,
        optional=not field.field.required,
        errors=errors,
        warnings=noted,
        widget=SafeString("") if kind == "group" else field.as_widget(attrs=attrs),
        options=list(field) if kind == "group" else [],
    )


@register.simple_tag
def summary_items(
    problems: Iterable[Problem] | None = None, form: forms.BaseForm | None = None
) -> list[dict[str, str]]:
    """Lines of the error summary: `message`, `code`, `href` ("" = the whole input). Warnings are left out."""
    items: dict[tuple[str, str], dict[str, str]] = {}
    if not isinstance(form, forms.BaseForm):  # a page without a form: the template passes ""
        form = None
    if form is not None and form.is_bound:
        for name, errors in form.errors.items():
            for message in errors:
                items[name, str(message)] = {"message": str(message), "code": "", "href": _anchor(name, form)}
    for p in problems or ():
        if p.level is Level.BLOCK:
            items[p.field, p.message] = {"message": p.message, "code": p.code, "href": _anchor(p.field, form)}
    return list(items.values())


def _anchor(name: str, form: forms.BaseForm | None) -> str:
    """Where a problem's link goes: the first control of the field."""
    if not name or name == "__all__":
        return ""
    if form is not None and name in form.fields:
        bound = form[name]
        first = "_0" if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)) else ""
        return f"#{bound.auto_id}{first}"
    return "" if form is not None else f"#id_{name.strip('/').replace('/', '-').replace('.', '-')}"


@register.simple_tag
def warning_items(problems: Iterable[Problem] | None = None) -> list[Problem]:
    """Only the problems that do not stop the step (kept with the record and listed)."""
    return [p for p in problems or () if p.level is Level.WARN]


@register.simple_tag
def form_has_errors(problems: Iterable[Problem] | None = None, form: Any = None) -> bool:
    """Whether the page's title must begin with “错误：”."""
    return bool(summary_items(problems, form))
