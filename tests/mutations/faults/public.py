"""Faults of the public register and of what the public reports."""

from __future__ import annotations

from .fault import Fault

_P = "registry/register/"
_REPORTS = ("tests/registry/register/test_report_desk.py", "tests/registry/register/test_reports.py")

FAULTS = (
    Fault(
        92, "reviewers read the reports of the other body of their county", f"{_P}report_type.py",
        "area=frozenset({Role.CHIEF,", "area=frozenset({Role.REVIEWER, Role.CHIEF,", _REPORTS,
    ),
    Fault(
        93, "reviewers answer the reports of the other body of their county", f"{_P}report_type.py",
        "handles = of_department(*STAFF)", "handles = lambda actor, case: bool(actor.duties_as(*STAFF))", _REPORTS,
    ),
    Fault(
        94, "whoever reads a report sees the reporter's contact", f"{_P}pages/report_contact.py",
        "if not handles(actor, case):", "if not actor.is_authenticated:", _REPORTS,
    ),
    Fault(
        95, "the number of a report is enough without its code", f"{_P}reporting.py",
        "return report if matches(code, stored, salt=_SALT) else None", "return report", _REPORTS,
    ),
    Fault(
        96, "the words of a reporter are taken as HTML", "templates/components/summary_list.html",
        "{{ row.value|whole_dates|linebreaksbr }}", "{{ row.value|safe }}", ("tests/security/test_escaping.py",),
    ),
    Fault(
        97, "a shared cache keeps an answer to a visitor's position", f"{_P}caching.py",
        'return bool(request.user.is_authenticated) or "," in request.GET.get("near", "")',
        "return bool(request.user.is_authenticated)", ("tests/registry/register/test_search_address.py",),
    ),
    Fault(
        98, "a subscription can be confirmed for ever", f"{_P}subscriptions.py",
        "return None if late else row", "return row", ("tests/registry/register/test_subscriptions.py",),
    ),
    Fault(
        99, "what is only handed in is shown to the public", f"{_P}sources.py",
        ', number=F("filing__accepted_number"))', ")",
        ("tests/registry/register/test_entry.py", "tests/registry/filing/test_drafts_unseen.py"),
    ),
)  # fmt: skip
