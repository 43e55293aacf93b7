"""Faults in what every case needs: signatures, letters, clocks, whose a case is, who sees what (decision 25)."""

from __future__ import annotations

from .fault import Fault

_C = "casework/"
_TYPE, _BROKEN = "tests/casework/test_any_type.py", "tests/casework/test_broken_cases.py"
_CLUES = "tests/inspections/test_clues.py"

FAULTS = (
    Fault(
        700, "whoever proposed a step signs it", f"{_C}reach.py",
        "if one is None or other is None or one.pk == other.pk:", "if one is None or other is None:", (_TYPE, _BROKEN),
    ),
    Fault(
        701, "a letter on its way is recalled", f"{_C}letters.py",
        "if locked.released_at is not None or locked.recalled_at is not None:", "if locked.recalled_at is not None:",
        (_TYPE,),
    ),
    Fault(
        702, "a term runs before the letter is served", f"{_C}clocks.py",
        "[clock for clock in step.starts if not clock.on_service]", "list(step.starts)", (_TYPE,),
    ),
    Fault(
        703, "a letter is sent without its hold", f"{_C}querysets.py",
        "released_at__isnull=True, held_until__lte=timezone.now()", "released_at__isnull=True", (_TYPE,),
    ),
    Fault(
        704, "a colleague goes on with what another has", f"{_C}reach.py",
        "return case.assignee_id is None or case.assignee_id == actor.pk or case.assignee_id in principals_of(actor)",
        "return True", (_CLUES,),
    ),
    Fault(
        705, "every reader of a type sees its cases everywhere", f"{_C}querysets.py",
        "scope |= Q(type=kind.name) & scope_of(user, roles, kind.readers, kind.inside)", "scope |= Q(type=kind.name)", (_CLUES,),
    ),
    Fault(
        706, "the database guards no status of a case", f"{_C}kinds.py",
        "    kind.guard()\n", "", (_TYPE, _CLUES),
    ),
    Fault(
        707, "any number of files comes with a step", f"{_C}keeping.py",
        "if files and (not step.files or len(files) > MOST_FILES):", "if files and not step.files:", (_CLUES,),
    ),
    Fault(
        708, "a deputy counts as another person", f"{_C}reach.py",
        "return not any(row.held_within(since, timezone.localdate()) for row in leaves)", "return True", (_BROKEN,),
    ),
    Fault(
        709, "a recalled letter is written anew twice", f"{_C}letters.py",
        "return fits and not case.letters.stand().filter(step=letter.step, form=letter.form).exists()", "return fits",
        (_TYPE,),
    ),
    Fault(
        710, "the institution reads a letter that is held", f"{_C}pages/lookup.py",
        "letters = letters.released()", "letters = letters.all()", (_TYPE,),
    ),
    Fault(
        711, "a rung is taken every hour", f"{_C}clocks.py",
        "if left <= -rung.days and rung.days not in taken:", "if left <= -rung.days:", (_CLUES,),
    ),
)  # fmt: skip
