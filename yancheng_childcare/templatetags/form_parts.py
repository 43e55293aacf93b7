"""What the components of a form are drawn from: fields, problems, error summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString, mark_safe

from yancheng_childcare.problems import Level, Problem

register = template.Library()


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


class Option(Protocol):
    """What a reader can choose: `text` with its number, `value` as it is sent."""

    @property
    def value(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def chosen(self) -> bool: ...


@register.simple_tag
def options(choices: Iterable[Option]) -> SafeString:
    """The options of a select. Written here: in a template a hundred of them cost as much as the rest of the page."""
    return mark_safe("".join(  # noqa: S308  # escaped
        f'<option value="{escape(one.value)}"{" selected" if one.chosen else ""}>{escape(one.text)}</option>'
        for one in choices
    ))  # fmt: skip


@register.simple_tag
def ticks(choices: Iterable[Option], name: str = "") -> SafeString:
    """Tick boxes of the parameter `name`; without one each choice is a parameter of its own, set to 1."""
    boxes = [
        (f"{name}_{place}", name, one.value, one) if name else (one.value, one.value, "1", one)
        for place, one in enumerate(choices)
    ]
    return mark_safe("".join(  # noqa: S308  # escaped
        f'<label class="choice" for="id_{escape(ident)}"><input type="checkbox" id="id_{escape(ident)}"'
        f' name="{escape(sent)}" value="{escape(value)}"{" checked" if one.chosen else ""}>'
        f"<span>{escape(one.text)}</span></label>"
        for ident, sent, value, one in boxes
    ))  # fmt: skip


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
def error_prefix(problems: Iterable[Problem] | None = None, form: Any = None) -> str:
    """What the page's title begins with when something is wrong, else nothing."""
    return "错误：" if summary_items(problems, form) else ""
