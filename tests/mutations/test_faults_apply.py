"""The faults stay true to the code: each one's text stands exactly once in its file, and its tests exist."""

from __future__ import annotations

from collections import Counter

import pytest

from local.paths import ROOT

from .faults import FAULTS, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.number}-{fault.words}")
def test_the_fault_can_be_put_in(fault: Fault) -> None:
    assert (ROOT / fault.path).read_text().count(fault.old) == 1
    assert fault.old != fault.new
    assert fault.tests
    for test in fault.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        assert not name or f"def {name}(" in (ROOT / path).read_text(), test


def test_there_are_two_hundred_of_different_kinds() -> None:
    assert len(FAULTS) >= 200
    assert not [number for number, count in Counter(fault.number for fault in FAULTS).items() if count > 1]
    assert len({fault.path for fault in FAULTS}) >= 100
