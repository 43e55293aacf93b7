"""Faults in who may inspect and order, and in what makes a draw one that anybody verifies (decision 26)."""

from __future__ import annotations

from .fault import Fault

_I = "inspections/"
_VISITS, _DRAWS = "tests/inspections/test_inspection.py", "tests/inspections/test_batch.py"
_PAGES, _PENALTIES = "tests/inspections/test_draw_pages.py", "tests/inspections/test_penalties.py"

FAULTS = (
    Fault(
        720, "one officer is enough", f"{_I}powers.py",
        "if len({one.person for one in crew}) < LEAST_OFFICERS:", "if not crew:", ("tests/inspections/test_powers.py",),
    ),
    Fault(
        721, "a certificate that ended still inspects", f"{_I}powers.py",
        "elif not one.valid_from <= day <= one.valid_to:", "elif day < one.valid_from:", (_VISITS,),
    ),
    Fault(
        722, "whoever has a tie may inspect", f"{_I}powers.py", "        if one.tied:", "        if False:", (_VISITS,),
    ),
    Fault(
        723, "a recommendation is ordered", f"{_I}powers.py",
        "return binding and may_judge(field, fields)", "return may_judge(field, fields)", (_VISITS,),
    ),
    Fault(
        724, "the cap holds nothing back", f"{_I}powers.py",
        "return POWERS[kind].blocks and not from_above and self.counted >= self.cap", "return False", (_VISITS,),
    ),
    Fault(
        725, "the institution sees an unannounced visit", "casework/querysets.py",
        "scope |= Q(uscc__in=codes) & ~Q(status__in=inside) if codes", "scope |= Q(uscc__in=codes) if codes", (_VISITS,),
    ),
    Fault(
        726, "a result is public before it was served", f"{_I}inspection.py",
        "needs=(served, time_to_object)", "needs=(time_to_object,)", (_VISITS,),
    ),
    Fault(
        727, "a result is public before anybody could object", f"{_I}inspection.py",
        "needs=(served, time_to_object)", "needs=(served,)", (_VISITS,),
    ),
    Fault(
        728, "the source is typed before it is there", f"{_I}batch.py",
        "if timezone.now() < case.body.source_at:", "if False:", (_DRAWS,),
    ),
    Fault(
        729, "one person is two witnesses", f"{_I}batch.py",
        "if not are_two_persons(batch.first_by, actor, since=timezone.localdate(batch.source_at)):", "if False:", (_DRAWS,),
    ),
    Fault(
        730, "the two witnesses read different things", f"{_I}batch.py",
        'elif data["asked"].text.strip() != batch.first_text:', "elif False:", (_DRAWS,),
    ),
    Fault(
        731, "a pool is frozen after its source", f"{_I}batch.py", "if moment <= timezone.now():", "if False:", (_DRAWS,),
    ),
    Fault(
        732, "a fine follows no order", f"{_I}ladder.py", "        if not ordered:", "        if False:", (_PENALTIES,),
    ),
    Fault(
        733, "names are published while somebody is still to come", f"{_I}batch.py", "    if left:\n", "    if False:\n",
        (_DRAWS,),
    ),
    Fault(
        734, "a batch that is not frozen is public", f"{_I}pages/draws.py",
        '.exclude(fingerprint="").first()', ".first()", (_PAGES,),
    ),
)  # fmt: skip
