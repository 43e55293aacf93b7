"""A page as its reader meets it: lines of text, links and buttons, whatever the markup around them looks like."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

INLINE = {"a", "abbr", "b", "br", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "svg", "time", "use"}
SILENT = {"script", "style", "template"}
AS_TYPED = {"pre", "script", "style", "textarea"}
_BLANKS = re.compile(r'[ \t\r\n\f]+(?=(?:[^"]*"[^"]*")*[^"]*$)')  # outside of quotation marks


class Page(HTMLParser):
    """What a page says. Blanks are as on screen: none at the edge of a line, one where the markup has any."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}  # the address behind each text
        self.buttons: list[str] = []
        self.rows: list[str] = []  # of tables, cells parted by a blank
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self._said: list[str] = []
        self._open: list[tuple[str, int, str]] = []  # tag, where its text begins, href
        self._silent = 0
        self.feed(html)
        self.close()

    @property
    def lines(self) -> list[str]:
        """Every line with words, in order; a line ends where a block does, and at `<br>`."""
        return [words for line in "".join(self._said).split("\n") if (words := line.strip(" "))]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)

    def find(self, tag: str, **attrs: str) -> dict[str, str] | None:
        """The attributes of the first such tag that has at least these; None when there is none. `class_` for class."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return next((has for name, has in self.tags if name == tag and wanted.items() <= has.items()), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._silent += tag in SILENT
        if tag == "br" or tag not in INLINE:
            self._said.append("\n")
        if tag in {"a", "button", "title", "tr"}:
            self._open.append((tag, len(self._said), dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        if self._open and self._open[-1][0] == tag:
            _, start, href = self._open.pop()
            words = " ".join("".join(self._said[start:]).split())
            if tag == "a":
                self.links[words] = href
            elif tag == "button":
                self.buttons.append(words)
            elif tag == "tr":
                self.rows.append(words)
            elif not self.title:  # a drawing has titles as well
                self.title = words
        if tag not in INLINE:
            self._said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._said.append(re.sub(r"[ \t\r\n\f]+", " ", data))


class _Markup(HTMLParser):
    """Writes a page anew, a mark beside every block so that blanks there can go."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._as_typed = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._as_typed = tag in AS_TYPED
        written = re.sub(r" ?(/?)>$", r"\1>", _BLANKS.sub(" ", self.get_starttag_text() or ""))
        edge = "" if tag in INLINE else "\0"
        self.parts.append(f"{edge}{written}{'' if self._as_typed else edge}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        edge = "" if tag in INLINE else "\0"
        self.parts.append(f"{'' if self._as_typed else edge}</{tag}>{edge}")
        self._as_typed = False

    def handle_data(self, data: str) -> None:
        self.parts.append(data if self._as_typed else re.sub(r"[ \t\r\n\f]+", " ", data))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")


def _html(shown: Any) -> str:
    return shown if isinstance(shown, str) else shown.content.decode()


def page_of(shown: Any) -> Page:
    """The page of a response, or of HTML that stands by itself."""
    return Page(_html(shown))


def markup_of(shown: Any) -> str:
    """The same page in one spelling however its template is laid out: no blanks beside a block, one elsewhere."""
    return re.sub(r"[ \t\r\n\f]*\0[ \t\r\n\f\0]*", "", "".join(_Markup(_html(shown)).parts))
