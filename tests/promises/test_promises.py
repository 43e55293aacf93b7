"""No sentence on screen promises what no test keeps, and no promise is listed that nobody makes any more."""

from __future__ import annotations

import ast
from collections import Counter

from local.paths import ROOT

from .kept import KEPT, NO_PROMISE
from .sentences import sentences

LISTED = Counter([sentence for promises in KEPT.values() for sentence in promises] + list(NO_PROMISE))


def test_every_promising_sentence_is_listed_beside_its_test() -> None:
    found = sentences()
    assert len(found) > 100
    missing = {sentence: sorted(found[sentence]) for sentence in found if sentence not in LISTED}
    assert not missing, "\n".join(f"{sentence}  {files}" for sentence, files in missing.items())


def test_nothing_is_listed_twice_or_no_longer_said() -> None:
    assert not [sentence for sentence, times in LISTED.items() if times > 1]
    assert not LISTED.keys() - sentences().keys()


def test_every_test_that_keeps_a_promise_exists() -> None:
    for name in KEPT:
        path, _, function = name.partition("::")
        tree = ast.parse((ROOT / path).read_text())
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert function in defined, name
