"""What files are kept for and who may open them: one table, filled by the apps that keep files.

A file is opened through the case that refers to it and a duty in force, never because somebody once uploaded it
(security.md M4). A purpose nobody registered can neither be kept nor opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Use:
    """Where a case refers to a file: `field` of `model` ("app.Model").

    The paths lead from that row to region, institution's code and department of the case. With none of them the file's
    own columns say whose it is. `staff` narrows what is open to officials (drafts are not).
    """

    model: str
    field: str
    region: str = ""
    uscc: str = ""
    department: str = ""
    staff: Q | None = None

    @property
    def leads_to_case(self) -> bool:
        """Whether the case itself says whose it is."""
        return bool(self.region or self.uscc or self.department)


#: The file's own columns, read like the paths of a use.
OWN_COLUMNS = Use("", "", region="region", uscc="uscc", department="department")


@dataclass(frozen=True, slots=True)
class Purpose:
    """One kind of file: roles that open it in their area, in their own institution, or in their own department.

    Without `uses` the file is a case of its own (a table waiting to be imported).
    """

    code: str
    label: str
    area: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    department: frozenset[str] = frozenset()
    uses: tuple[Use, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """Everybody who may open such a file somewhere."""
        return self.area | self.own | self.department


_purposes: dict[str, Purpose] = {}


def add_purpose(purpose: Purpose) -> None:
    """Called by an app when it is ready. Raises ValueError for a code that another kind of file has."""
    if _purposes.setdefault(purpose.code, purpose) != purpose:
        raise ValueError(f"two kinds of file are called {purpose.code}")


def purposes() -> list[Purpose]:
    """Every kind of file."""
    return list(_purposes.values())


def purpose_of(code: str) -> Purpose:
    """The kind of file with this code. Raises KeyError: a file of an unknown kind is never kept."""
    return _purposes[code]


def reach(user: Any, purpose: Purpose, held: frozenset[str], use: Use) -> Q:
    """Rows along the paths of `use` that the duties with roles of `held` cover; nothing when there is none."""
    scope = Q(pk__in=[])
    for duty in user.duties_as(*held):
        if use.region and duty.role in purpose.area:
            # Without an area: everything, said in words. An empty Q would add nothing to what is open so far.
            inside = f"{use.region}__prefix__startswith"
            covered = ~Q(pk__in=[]) if duty.region is None else Q(**{inside: duty.region.prefix})
            scope |= covered & use.staff if use.staff is not None else covered
        if use.uscc and duty.role in purpose.own and duty.uscc:
            scope |= Q(**{use.uscc: duty.uscc})
        if use.department and duty.role in purpose.department and duty.department_id:
            scope |= Q(**{use.department: duty.department_id})
    return scope
