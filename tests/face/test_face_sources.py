"""Rules the sources of the face must keep: size, Content-Security-Policy, alternatives, no loose ends."""

from __future__ import annotations

import ast
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
DRAWINGS = sorted((ROOT / "static/img").glob("*.svg"))


TEXTS = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
SOURCES = sorted(
    path
    for folder in ("yancheng_childcare", "exchange", "casework", "registry", "inspections", "credit")
    for path in (ROOT / folder).rglob("*.py")
)
# Who may hand out text as finished markup, and how often: each escapes what it puts in, or draws no text at all.
MADE_BY_HAND = {
    "casework/documents/render.py": 1,  # the QR code's modules
    "registry/register/structured.py": 1,  # JSON-LD with every < > & escaped
    "yancheng_childcare/fragments.py": 3,  # what templates made, kept; the address escaped
    "yancheng_childcare/templatetags/form_parts.py": 2,  # options and tick boxes, every value escaped
    "yancheng_childcare/templatetags/wording.py": 1,  # dates wrapped after escape()
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_stylesheets_stay_small() -> None:
    """Four on every page; the fifth comes with an official letter only."""
    sizes = {path.name: path.stat().st_size for path in STYLES}
    assert sizes.pop("letter.css") < 7_000
    assert len(sizes) == 4 and sum(sizes.values()) < 52_000


def test_scripts_stay_small() -> None:
    assert sum(path.stat().st_size for path in SCRIPTS) < 23_000


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_inline_style_or_script(path: Path) -> None:
    """Our Content-Security-Policy refuses them, so they would silently do nothing."""
    text = path.read_text()
    assert not re.search(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", text, re.IGNORECASE)
    for script in re.findall(r"<script\b[^>]*>", text):
        # A data block (JSON, JSON-LD) is never executed and no matter of the policy.
        assert "src=" in script or re.search(r'type="application/(ld\+)?json"', script)


def test_htmx_writes_no_style_of_its_own() -> None:
    """Without this the policy refuses six styles on every action, and the console is full (filing-journeys.md C17)."""
    config = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", (ROOT / "templates/base.html").read_text())
    assert config and json.loads(config.group(1))["includeIndicatorStyles"] is False


def test_words_that_were_struck_out_stay_out() -> None:
    """filing-journeys.md (Chinese), public-journeys.md m16: one word for one thing, mainland quotation marks, no slang."""
    struck = (
        "「",
        "」",
        "在期",
        "还不清楚",
        "看不懂",
        "看看怎么办",
        "成功登录",
        "待受理审查",
        "从哪里量",
        "看门的",
        "账户",
    )
    found = {
        (_name(path), word) for path in TEXTS for word in struck if word in re.sub(r"{#.*?#}", "", path.read_text())
    }
    for path in SOURCES:
        if "/migrations/" not in _name(path):
            texts = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
            found |= {(_name(path), word) for text in texts if isinstance(text, str) for word in struck if word in text}
    assert found == set()


def test_no_template_switches_escaping_off() -> None:
    """Only mails, which are plain text."""
    off = {_name(path) for path in TEXTS if re.search(r"\|\s*safe(seq)?\b|\bautoescape\s+off\b", path.read_text())}
    assert len(TEXTS) > 230
    assert {name for name in off if not name.endswith(".txt")} == set()
    mails = {"mail_confirm.txt", "mail_news.txt", "email_confirmation_message.txt", "password_reset_key_message.txt",
             "unknown_account_message.txt"}  # fmt: skip
    assert {name.rpartition("/")[2] for name in off} == mails


def test_finished_markup_comes_from_a_short_list() -> None:
    made = re.compile(
        r"\bmark_safe\(|\bSafe(?:String|Text)\((?!\"\"\))|\bautoescape\s*=\s*False|\bis_safe\s*=\s*True|__html__|\bsafe\("
    )
    found = {_name(path): len(made.findall(path.read_text())) for path in SOURCES}
    assert len(found) > 400
    assert {name: count for name, count in found.items() if count} == MADE_BY_HAND


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_pictures_have_an_alternative(path: Path) -> None:
    for picture in re.findall(r"<img\b.*?>(?=[^}]|$)", path.read_text()):
        assert "alt=" in picture


@pytest.mark.parametrize("path", [*TEMPLATES, *STYLES, *SCRIPTS], ids=_name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//|@import|url\([\"']?(?:https?:)?//|fetch\([\"']http", text)


@pytest.mark.parametrize("path", STYLES, ids=_name)
def test_styles_live_in_layers(path: Path) -> None:
    """Braces balance, and no rule stands outside of the layers."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    depth, outside = 0, ""
    for character in text:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
        if depth == 0 and character != "}":
            outside += character
    assert depth == 0
    assert not re.sub(r"@layer [a-z, ]+;?", "", outside).strip()


def test_every_colour_and_size_used_is_a_token() -> None:
    css = "".join(path.read_text() for path in STYLES)
    used, given = set(re.findall(r"var\((--[a-z0-9-]+)", css)), set(re.findall(r"(--[a-z0-9-]+):", css))
    assert used <= given


@pytest.mark.parametrize("path", DRAWINGS, ids=_name)
def test_drawings_are_well_formed(path: Path) -> None:
    assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own file


def test_every_icon_used_exists() -> None:
    sprite = {symbol.get("id") for symbol in ET.parse(ROOT / "static/img/icons.svg").getroot()}  # noqa: S314
    used = set()
    for path in TEMPLATES:
        used |= set(re.findall(r"\{% icon \"([a-z-]+)\"|icon_name=\"([a-z-]+)\"", path.read_text()))
    names = {name for pair in used for name in pair if name}
    from yancheng_childcare.templatetags.drawings import LIGHTS

    names |= {shape for shape, _ in LIGHTS.values()}
    assert names
    assert names <= sprite


def test_typography_of_the_brief() -> None:
    """product.md C1: font stack, 16 px / 1.75, large view 20 px / 1.8, no italics, tabular figures in tables."""
    css = "".join(path.read_text() for path in STYLES)
    assert '"PingFang SC", "Microsoft YaHei", "Noto Sans SC"' in css
    assert "--leading: 1.75" in css
    assert "--root-size: 125%" in css
    assert "--leading: 1.8;" in css
    assert "line-break: strict" in css
    assert "font-style: italic" not in css
    assert "prefers-reduced-motion: reduce" in css


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_can_be_read(path: Path) -> None:
    """No line of it runs off the screen, and no include has to empty what the page around it happens to hold."""
    assert [number for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 160] == []
    assert not re.search(r"{% include [^%]*=(?:\"\"|'')", path.read_text())
