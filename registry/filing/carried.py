"""Which verdicts go with the next submission: a reviewer looks again only at what is new (domain.md §2.6)."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from ..models import Filing, FilingVersion, Verdict
from . import review
from .judging import findings_by_item
from .snapshots import submission_differences


def carry_verdicts(filing: Filing, last: FilingVersion, version: FilingVersion) -> None:
    """Only what changed, or was asked for, is looked at again: the other good verdicts stay.

    They come from the last submission and, for items nobody judged there, from the accepted one (domain.md §2.6). A
    carried verdict bears the moment of the submission it is carried to, so it is told from one given on it.
    """
    sources = [last]
    if filing.accepted_number not in {0, last.number}:
        sources.append(filing.versions.get(number=filing.accepted_number))
    judged = list(filing.verdicts.filter(submission__in=[source.number for source in sources]))
    kept: dict[str, Verdict] = {}
    for source in sources:
        changed = changed_items(source, version)
        before = {row.item for row in judged if row.submission > source.number}
        for row in judged:
            if row.submission == source.number and row.item not in changed | before | kept.keys():
                kept[row.item] = row
    good = [row for row in kept.values() if row.verdict not in review.WITH_REASON]
    for row in good:
        row.pk, row.submission, row.decided_at = None, version.number, version.submitted_at
    Verdict.objects.bulk_create(good)


def in_force_again(filing: Filing, accepted: FilingVersion, by: int | None, **changed: Any) -> FilingVersion:
    """The accepted submission as the next one, accepted at once: what is handed in last is always what is filed or asked for.

    `changed` are its columns that differ.
    """
    kept = ("content", "sealed", "findings", "pledge_version", "signed_name", "received_on")
    version = FilingVersion.objects.create(
        filing=filing,
        number=filing.last_number + 1,
        submitted_by_id=by,
        submitted_at=timezone.now(),
        **{**{name: getattr(accepted, name) for name in kept}, **changed},
    )
    carry_verdicts(filing, accepted, version)
    filing.accepted_number = version.number
    return version


def changed_items(before: FilingVersion, after: FilingVersion) -> set[str]:
    """The items of a submission a reviewer must look at again: other content, other people, a rule newly against it."""
    found = {change.item for change in submission_differences(before, after)}
    if before.content["staff"] != after.content["staff"]:
        found.add("people")
    personal = [json.loads(version.sealed) if version.sealed else {} for version in (before, after)]
    found |= {
        name for name in personal[0].keys() | personal[1].keys() if personal[0].get(name) != personal[1].get(name)
    }
    known, now = _against(before), _against(after)
    return found | {item for item, rules in now.items() if rules - known.get(item, set())}


def _against(version: FilingVersion) -> dict[str, set[str]]:
    """The rules that speak against each item."""
    return {
        item: {row["id"] for row in rows if review.speaks_against([row])}
        for item, rows in findings_by_item(version).items()
    }
