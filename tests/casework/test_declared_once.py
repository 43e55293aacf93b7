"""Steps and states of a filing are named by its table and by its states, and nowhere else in its package."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from local.paths import ROOT
from registry.choices import FilingStatus
from registry.filing.workflow import FILING

NAMES = {*FILING.steps, *FilingStatus.values}
FOLDER = ROOT / "registry" / "filing"
DECLARE = {FOLDER / "states.py", *(FOLDER / "workflow").glob("*.py")}
MODULES = sorted({*FOLDER.rglob("*.py"), *(ROOT / "registry" / "people").rglob("*.py")} - DECLARE)


def named(node: ast.AST | None) -> bool:
    """A step or state by name: its text, or the member of `FilingStatus`."""
    if isinstance(node, ast.Constant):
        return node.value in NAMES
    member = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "FilingStatus"
    return member and node.attr in FilingStatus.names  # type: ignore[union-attr]


def tables(source: str) -> Iterator[str]:
    """Tuples, sets, dictionaries by step or state, comparisons with one, matches and filters of one."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Tuple(elts=parts) | ast.Set(elts=parts):
                found = any(map(named, parts))
            case ast.Dict(keys=keys):
                found = bool(keys) and all(map(named, keys))
            case ast.Compare(left=left, comparators=others):
                found = any(map(named, [left, *others]))
            case ast.keyword(arg=str(word), value=value):
                found = word.partition("__")[0] in {"status", "step", "filing_state"} and named(value)
            case ast.MatchValue(value=value):
                found = named(value)
            case _:
                found = False
        if found:
            yield f"line {getattr(node, 'lineno', 0) or node.value.lineno}: {ast.unparse(node)[:80]}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_table_beside_the_table(path):
    assert list(tables(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        'LETTERS = {"return", "receipt"}', 'if filing.status == "FILED": pass', "x = filing.status in (FilingStatus.DRAFT,)",
        'WORDS = {"DRAFT": 1, "FILED": 2}', 'rows.filter(status="VERIFYING")', 'match step:\n    case "rescind":\n        pass',
    ],
)  # fmt: skip
def test_a_table_beside_the_table_is_seen(source):
    assert list(tables(source))
