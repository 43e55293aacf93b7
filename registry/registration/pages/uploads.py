"""Scans of certificates: taken in once, kept while the form is corrected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yancheng_childcare.files import DOCUMENTS, intake, keep
from yancheng_childcare.models import Department, StoredFile

from ...file_purposes import CERTIFICATE


def keep_certificate(uploaded: Any, *, actor: Any, department: Department) -> StoredFile:
    """Check and keep one scan. Raises Rejected with a FILE code when it cannot be taken."""
    taken = intake(uploaded, purpose=CERTIFICATE, allowed=DOCUMENTS, field="certificate")
    return keep(taken, uploaded_by=actor, region=department.region, department=department, field="certificate")


def kept_certificate(key: Any, *, actor: Any) -> StoredFile | None:
    """The scan this person uploaded a moment ago, by the key in the form; None for anything else."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    return StoredFile.objects.filter(pk=wanted, uploaded_by=actor, purpose=CERTIFICATE, deleted_at__isnull=True).first()
