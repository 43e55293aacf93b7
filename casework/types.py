"""What a case type is made of: states with their own words, steps with who may and what must hold, what is told to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from yancheng_childcare.problems import Problem

# A guard looks at the locked case, the actor and the step's data, and says what is in the way.
Guard = Callable[[Any, Any, dict[str, Any]], Iterable[Problem]]
# An effect changes the locked case (not its status) before it is saved.
Effect = Callable[[Any, Any, dict[str, Any]], None]


class Recorder(Protocol):
    """Keeps the act and, where the step `emits`, writes the outbox row: in the same transaction."""

    def __call__(self, case: Any, step: Any, actor: Any, data: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class State:
    """One state of a case: `light` of its tag, whose `turn` it is (a role, "" nobody's), and the words about it.

    `task` is what the one whose turn it is does, as a line of the list of what is due; `todo` and `following` are what the
    one the case is about reads: what to do now, what happens next. `then` is what follows for staff whose task it is,
    `waits` who waits for it, in words. `turn` SYSTEM waits for a day. `label` names the state, where no list of choices does.
    """

    light: str
    turn: str = ""
    task: str = ""
    todo: str = ""
    following: str = ""
    then: str = ""
    waits: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """A message of a step: to whom (a role, or a name the type knows), its title, its text, and where it leads.

    `body` names facts of the case in braces; `place` is a route, "" the page of the case for this reader.
    """

    to: str
    title: str
    body: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `may` says whether this actor's duties cover this case (region, department, two persons).

    `target` "" keeps the state: an act on the case that changes something else (a pause, a proposal, a confirmation).
    """

    name: str
    label: str
    sources: frozenset[str]
    target: str
    by: frozenset[str]
    may: Callable[[Any, Any], bool]
    needs: tuple[Guard, ...] = ()
    effect: Effect | None = None
    emits: str = ""
    danger: bool = False
    # What the page says beforehand, on the button, and when it is done.
    says: tuple[str, ...] = ()
    button: str = ""
    done: str = ""
    tells: tuple[Tell, ...] = ()
    # Nothing is decided yet: it stays within the authority.
    inside: bool = False


SYSTEM = "SYSTEM"


class System:
    """The actor of steps nobody takes by hand: a term that ran out, a filing that follows its registration."""

    pk = None
    display_name = "系统"
    is_authenticated = True
    active_duties: tuple[Any, ...] = ()
    roles = frozenset({SYSTEM})

    def has_role(self, *roles: str) -> bool:
        """Only steps of the table that name the system."""
        return SYSTEM in roles

    def duties_as(self, *roles: str) -> list[Any]:
        """None: the system acts by the table, not by duty."""
        return []
