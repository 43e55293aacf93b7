"""WCAG 2.2 contrast, computed from the tokens: text at least 4.5 : 1, borders and focus at least 3 : 1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKENS = (ROOT / "static/css/tokens.css").read_text()

TEXT = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "surface-soft"),
    ("ink", "accent-soft"),
    ("ink", "yellow-soft"),
    ("ink", "red-soft"),
    ("ink", "green-soft"),
    ("ink", "blue-soft"),
    ("ink-soft", "page"),
    ("ink-soft", "surface"),
    ("ink-soft", "surface-soft"),
    ("ink-soft", "grey-soft"),
    ("ink-soft", "accent-soft"),
    ("accent", "page"),
    ("accent", "surface"),
    ("accent", "surface-soft"),
    ("accent", "accent-soft"),
    ("accent-strong", "surface"),
    ("accent-strong", "accent-soft"),
    ("accent", "yellow-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-accent-soft", "accent-strong"),
    ("on-accent", "danger"),
    ("on-accent", "danger-strong"),
    ("danger", "surface"),
    ("danger", "page"),
    ("green", "green-soft"),
    ("yellow", "yellow-soft"),
    ("red", "red-soft"),
    ("grey", "grey-soft"),
    ("blue", "blue-soft"),
]
SHAPES = [
    ("line-strong", "surface"),
    ("line-strong", "page"),
    ("focus", "surface"),
    ("focus", "page"),
    ("accent", "grey-soft"),
]


def _tokens(view: str) -> dict[str, str]:
    """Colours of the standard view, with the large view's own on top when asked for."""
    standard, large = TOKENS.split(':root[data-view="large"]')
    found = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", standard))
    if view == "large":
        found |= dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", large.split("}")[0]))
    return found


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    """WCAG contrast ratio of two `#rrggbb` colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_known_ratios() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("view", ["standard", "large"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable(view: str, text: str, ground: str) -> None:
    colours = _tokens(view)
    assert ratio(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_are_visible(shape: str, ground: str) -> None:
    colours = _tokens("standard")
    assert ratio(colours[shape], colours[ground]) >= 3


def test_focus_on_the_dark_banner_is_visible() -> None:
    hero = re.search(r"\.hero \{[^}]*--focus: (#[0-9a-f]{6})", (ROOT / "static/css/components.css").read_text())
    assert hero
    assert ratio(hero[1], _tokens("standard")["accent-strong"]) >= 3
