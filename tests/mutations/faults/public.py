"""Faults of the public register and of what the public reports."""

from __future__ import annotations

from .fault import Fault

_P = "registry/register/"
_REPORTS = ("tests/registry/register/test_report_desk.py", "tests/registry/register/test_reports.py")

FAULTS = (
    Fault(
        92, "reviewers read the reports of the other body of their county", "registry/querysets/public.py",
        'regions |= Q(owner__kind="HEALTH", owner__region=duty.region)', "regions |= Q(owner__region=duty.region)",
        _REPORTS,
    ),
    Fault(
        93, "reviewers answer the reports of the other body of their county", f"{_P}report_workflow.py",
        'return bool(regions) and report.owner.kind == "HEALTH" and report.owner.region_id in regions',
        "return bool(regions) and report.owner.region_id in regions", _REPORTS,
    ),
    Fault(
        94, "whoever reads a report sees the reporter's contact", f"{_P}report_workflow.py",
        "if not handles(actor, report):", "if not actor.is_authenticated:", _REPORTS,
    ),
    Fault(
        95, "the number of a report is enough without its code", f"{_P}reporting.py",
        "return report if matches(code, stored, salt=_SALT) else None", "return report", _REPORTS,
    ),
    Fault(
        96, "the words of a reporter are taken as HTML", "templates/registry/register/report_case.html",
        "<p>{{ report.text|linebreaksbr }}</p>", "<p>{{ report.text|safe|linebreaksbr }}</p>",
        ("tests/registry/register/test_report_desk.py", "tests/security/test_escaping.py"),
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
