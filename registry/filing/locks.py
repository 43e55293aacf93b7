"""The order in which everything that writes to a case locks: the institution, then the filing. Nobody waits in a ring."""

from __future__ import annotations

from ..models import Filing, Institution


def lock_institution(filing: Filing) -> None:
    """Every writer locks the institution first, then the filing: no deadlock, events in order."""
    Institution.objects.select_for_update().only("pk").get(pk=filing.institution_id)


def lock_filing(filing: Filing) -> Filing:
    """The case as it stands now, locked as the workflow locks it; inside a transaction. No step is taken meanwhile."""
    lock_institution(filing)
    return Filing.objects.select_for_update(of=("self",)).select_related("institution__region").get(pk=filing.pk)
