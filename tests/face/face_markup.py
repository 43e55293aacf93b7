"""Reads a page and fails when its tags do not nest."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"area", "br", "circle", "col", "hr", "img", "input", "link", "meta", "path", "polyline", "rect", "use", "wbr"}


class _Tags(HTMLParser):
    """Checks that tags close in order and collects ids, label targets and descriptions."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wanted: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(found["id"] or "")
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.wanted |= set((found.get(name) or "").split())
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag


def parse(html: str) -> _Tags:
    """The page's tags; fails when they do not nest."""
    parser = _Tags()
    parser.feed(html)
    assert parser.open == []
    return parser
