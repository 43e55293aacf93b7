"""Fixtures of the tests of the one-command start."""

from conftest_local import _quick_tests, folder

__all__ = ["_quick_tests", "folder"]
