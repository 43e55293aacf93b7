"""What a case type is made of: states with their own words, steps with who may and what must hold, what is told to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

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
    `waits` who waits for it, in words. `turn` SYSTEM waits for a day, AUTHORITY for the
    department that has the case. `label` names the state, where no list of choices does.
    `inside`: nobody outside the authority sees the case yet.
    """

    light: str
    turn: str = ""
    task: str = ""
    todo: str = ""
    following: str = ""
    then: str = ""
    waits: str = ""
    label: str = ""
    inside: bool = False


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


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a clock's ladder, taken once: `days` working days after the last day (negative: before it).

    `tells` says it to people, `step` is then taken by the system.
    """

    days: int
    tells: tuple[Tell, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """A term of a case: `days` working days (or natural ones: `kind`), by what (`basis`; "[A]": our own choice).

    Where the days depend on the case (its severity), `days` is asked of it when the clock starts.

    It starts with the step that names it, or, `on_service`, when the letter of that step is served.
    """

    code: str
    label: str
    days: int | Callable[[Any], int]
    basis: str
    kind: str = "WORKDAYS"
    on_service: bool = False
    rungs: tuple[Rung, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterForm:
    """A letter a step sends: `mark` stands in its number, `build` says from the case what the sheet shows.

    `build` gets the case and answers the parts of a `documents.sheet.Letter` that are its own (paragraphs, items, closing).
    """

    code: str
    title: str
    mark: str
    build: Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Second:
    """A second signature: by whom, and what the signing is called."""

    by: frozenset[str]
    label: str = "签批"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which roles see the cases of a type: in their area, of their department, of their own institution, opened by them.

    `some`: a role that sees, in its area, only the cases this condition holds for.
    """

    area: frozenset[str] = frozenset()
    department: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    some: tuple[tuple[str, Q], ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """Everybody who sees a case of the type somewhere."""
        return self.area | self.department | self.own | self.opened | {role for role, _ in self.some}


@dataclass(frozen=True, slots=True)
class Link:
    """From the page of a case to a page of the type's own; with `says` it stands out as what is worked on there."""

    label: str
    url: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How a case may end: in words, and how many years it is kept (0: for good)."""

    label: str
    years: int = 10


@dataclass(frozen=True, slots=True)
class CaseStep(Step):
    """A step of a case that hangs on `Case`; what it brings about besides is said here and done by casework.

    `asks`: the class of what it is told (`asking`); `letter` goes out with it; `starts`, `stops`, `pauses`, `resumes` are
    codes of clocks ("*": all); `signed`: it is proposed first; `result`: it ends the case; `on`: what the system takes it for
    (`events`); `takes`: whoever takes it has the case from then on, if nobody had it, and nobody else takes such a step of what
    somebody has; `files`: what may be handed in with it. A step with a result stops every clock.
    """

    asks: type | None = None
    letter: LetterForm | None = None
    starts: tuple[Clock, ...] = ()
    stops: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    signed: Second | None = None
    result: str = ""
    on: str = ""
    takes: bool = True
    files: str = ""


SYSTEM = "SYSTEM"
# Whose turn it is, or who is told: staff of the department that has the case (`Reach.department`), whatever their role.
AUTHORITY = "AUTHORITY"


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
