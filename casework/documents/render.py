"""Letters on paper (PDF/A-2b) and on the screen (HTML), from one content.

The text of a letter reaches Typst only as JSON through `sys.inputs`: it is data and cannot be markup. Fonts are read
once per process and Typst remembers what does not change, so a warm letter takes a few milliseconds.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, Literal, cast

import segno
import typst
from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from .content import content
from .glyphs import FONTS, drawable, font_folder, visible
from .sheet import Letter
from .wording import WHOLE

TEMPLATE = "letter.typ"
STANDARD: Literal["a-2b"] = "a-2b"
#: Longer runs may break on the screen, as they do on paper (`glyphs.drawable`).
LONGEST_WHOLE = 24
#: Line pitches to try, as parts of the standard's 22 lines a page: it lets a page be adjusted so that the seal has text.
TIGHTNESS = (1.0, 0.97, 0.94)
#: Asia/Shanghai as the fixed offset that Typst asks for.
SHANGHAI = timezone(timedelta(hours=8))
#: PDFs keep UTC: noon here is the same calendar day there.
NOON = time(12)

# One compiler per process, used by one thread at a time: Typst's refuses a second caller, and a flood of letters then
# takes one core at most. Made at the first letter, so after a server has forked.
_lock = threading.Lock()
_compiler: typst.Compiler | None = None


def render_pdf(letter: Letter) -> bytes:
    """The letter as PDF/A-2b (ISO 19005-2): tagged, its fonts embedded as subsets, title and language zh-CN set.

    The same letter gives the same bytes: its time stamp is noon of the day of issue. A character the font cannot draw shows
    as 〓. Safe to call from several threads.
    """
    return _compile(letter, format="pdf", pdf_standards=[STANDARD])


def render_png(letter: Letter, *, ppi: int = 110) -> list[bytes]:
    """The pages of a letter as pictures, exactly as the PDF draws them: for previews and for looking at them."""
    pages: bytes | list[bytes] = _compile(letter, format="png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else pages


def render_html(letter: Letter) -> SafeString:
    """The exact HTML twin of the paper: a fragment to include in a page, whose heading is an h2."""
    shown = _each_text(content(letter), _marked)
    shown["qr_url"] = letter.qr_url  # an address is data of a link: no markup in it
    shown["qr"] = qr_svg(letter.qr_url) if letter.qr_url else ""
    return render_to_string("casework/documents/letter.html", {"letter": shown})


def qr_svg(url: str) -> SafeString:
    """A QR code (error correction M) as an svg element for HTML: black on white, no inline style, no script.

    Raises segno.DataOverflowError for an address too long for any QR code (over 2331 bytes).
    """
    out = io.BytesIO()
    segno.make_qr(url, error="m", boost_error=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        light="#fff",
    )
    element = out.getvalue().decode().replace("<svg ", '<svg role="img" aria-label="核验二维码" ', 1)
    return mark_safe(element)  # noqa: S308  drawn from the modules alone; the address is not in it


def _compile(letter: Letter, **options: Any) -> Any:
    shown = _each_text(content(letter), drawable)
    shown |= {"qr_url": letter.qr_url, "whole": WHOLE.pattern}  # data of a link and of a rule: not broken, not replaced
    shown["qr"] = _standalone(letter.qr_url) if letter.qr_url else ""
    with _lock:
        for tightness in (*TIGHTNESS, TIGHTNESS[0]):
            made = _ready().compile(
                sys_inputs={"letter": json.dumps(shown, ensure_ascii=True), "tightness": str(tightness)},
                timestamp=datetime.combine(letter.issued_on, NOON, SHANGHAI),
                **options,
            )
            if _ready().query("<fits>", field="value", one=True) == "true":
                break
        return made


def _ready() -> typst.Compiler:
    global _compiler
    if _compiler is None:
        folder = Path(settings.BASE_DIR) / "templates" / "casework" / "documents"
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[cast(Any, font_folder(package)) for package, _, _ in FONTS],
        )
        _compiler = typst.Compiler(folder / TEMPLATE, root=folder, font_paths=fonts, ignore_system_fonts=True)
    return _compiler


def _marked(text: str) -> SafeString:
    """A text as HTML: escaped, its line breaks kept, and no line broken within what stays whole (`WHOLE`)."""
    parts, at = [], 0
    text = visible(text)
    for found in WHOLE.finditer(text):
        if len(found[0]) <= LONGEST_WHOLE:
            parts += [(text[at : found.start()],), (format_html('<span class="nowrap">{}</span>', found[0]),)]
            at = found.end()
    return linebreaksbr(format_html_join("", "{}", [*parts, (text[at:],)]))


def _standalone(url: str) -> str:
    return str(qr_svg(url)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same nested lists and dicts with every text changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    return [_each_text(inner, change) for inner in value]
