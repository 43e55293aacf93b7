"""Find the sentences on screen that promise: in templates, in texts of the code, in tables of texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, TokenType

from local.paths import ROOT

# What is published, who may see it, who is told, what goes by itself, until when: issue words, not a grammar.
PROMISING = re.compile(
    "公开|看到|看得到|通知|自动|之前|会收到|不会收|收不到|随即|(?<!请)立即|不保存|会转|即继续|不受影响|不能修改和删除|会提醒|会提前"
)
APPS = ("yancheng_childcare", "exchange", "casework", "registry", "inspections", "credit")
# Never on a page of a real installation: made-up data, messages of commands, the local start, names of columns.
NOT_ON_SCREEN = ("/migrations/", "/management/", "/demo/", "/local/", "templatetags/samples.py", "/styleguide.html")
_INLINE = re.compile(r"</?(?:strong|em|b|span|abbr|a|small|code)\b[^>]*>")
_TAG = re.compile(r"<[^>]+>")
_QUOTED = re.compile(r'"([^"]+)"')


def sentences() -> dict[str, set[str]]:
    """Each promising sentence as `plain` makes it, with the files it stands in."""
    found: dict[str, set[str]] = {}
    for path in _files():
        for text in _texts(path):
            for sentence in re.split(r"[。；！？\n]", text):
                if PROMISING.search(sentence):
                    found.setdefault(plain(sentence), set()).add(str(path.relative_to(ROOT)))
    return found


def plain(sentence: str) -> str:
    """Without blanks, marks of quotation and stops at the ends; what a variable fills in is "…"."""
    return re.sub(r"[\s「」“”]", "", sentence).strip("，、：…")


def _files() -> Iterator[Path]:
    folders = [ROOT / "templates", *(ROOT / app for app in APPS)]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".txt", ".py", ".csv"} and not any(part in str(path) for part in NOT_ON_SCREEN):
                yield path


def _texts(path: Path) -> Iterator[str]:
    text = path.read_text()
    if path.suffix == ".py":
        yield from _strings(ast.parse(text))
    elif path.suffix == ".csv":
        yield text.replace(",", "\n")
    else:
        yield from _template(text)


def _template(text: str) -> Iterator[str]:
    """The text between tags, where it is one sentence in one text, and the words handed to parts of pages."""
    said = ""
    for token in Lexer(re.sub(r"\{#.*?#\}", "", text)).tokenize():
        if token.token_type == TokenType.TEXT:
            said += token.contents
        elif token.token_type == TokenType.VAR:
            said += "…"
        elif token.token_type == TokenType.BLOCK:
            said += "…" if token.contents.startswith(("clock", "light")) else "\n\n"
            yield from _QUOTED.findall(token.contents)
    paragraphs = re.sub(r"[ \t]*\n[ \t]*(?!\n)", "", said)
    yield _TAG.sub("\n", _INLINE.sub("", paragraphs))


def _strings(tree: ast.Module) -> Iterator[str]:
    """Every string of a module but docstrings; "…" for what is filled in."""
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            apart.update(id(part) for part in node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.value
