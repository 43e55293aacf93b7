"""The types of case that apps have told of, by name; what a type is: `cases.CaseType`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yancheng_childcare.choices import Role

if TYPE_CHECKING:
    from .cases import CaseType

_types: dict[str, CaseType] = {}
#: Every role that sees a case of some type somewhere; complete once all apps are ready.
READERS: set[str] = set()
#: Of these, who does something in a case, or opened it, or is whom it is about.
DOERS: set[str] = set()
#: Of the doers, who works for an authority: a colleague may stand in for them.
STAFF_DOERS: set[str] = set()


def add_type(kind: CaseType) -> None:
    """Called once by an app when it is ready. Raises ValueError for a name or a series another type has."""
    known = _types.get(kind.name)
    if known is kind:
        return
    if known is not None:
        raise ValueError(f"two types of case are called {kind.name}")
    if kind.series in {one.series for one in _types.values()}:
        raise ValueError(f"two types of case begin their numbers with {kind.series}")
    _types[kind.name] = kind
    READERS.update(kind.readers.roles)
    acting = {role for step in (kind.opening, *kind.workflow.steps.values()) for role in step.by}
    DOERS.update(kind.readers.roles & (acting | kind.readers.own | kind.readers.opened))
    STAFF_DOERS.update(DOERS - {Role.OPERATOR})
    kind.guard()


def case_types() -> list[CaseType]:
    """Every type of case."""
    return list(_types.values())


def type_named(name: str) -> CaseType | None:
    """The type of this name, or None."""
    return _types.get(name)


def type_of(case: Any) -> CaseType:
    """The type of a case. Raises KeyError when its app is gone."""
    return _types[case.type]
