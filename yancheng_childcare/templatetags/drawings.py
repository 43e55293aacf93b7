"""Icons, status tags, bars and lines, drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .wording import thousands

register = template.Library()

# Light -> (icon, default word). The shape differs as well as the colour (product.md C1: colour never the only signal).
LIGHTS = {
    "green": ("check-circle", "正常"),
    "yellow": ("clock-triangle", "临期"),
    "red": ("stop", "超期"),
    "grey": ("pause", "暂停"),
    "blue": ("flag", "办结"),
    "plain": ("dot", ""),
}


@register.simple_tag
@lru_cache(maxsize=256)
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
