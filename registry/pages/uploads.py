"""Scans of certificates: taken in once, kept while the form is corrected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yancheng_childcare.files.intake import DOCUMENTS, intake
from yancheng_childcare.files.quota import check_room
from yancheng_childcare.files.storage import store
from yancheng_childcare.models import Department, StoredFile

PURPOSE = "registration-certificate"


def keep_certificate(uploaded: Any, *, actor: Any, department: Department) -> StoredFile:
    """Check and keep one scan. Raises Rejected with a FILE code when it cannot be taken."""
    taken = intake(uploaded, purpose=PURPOSE, allowed=DOCUMENTS, field="certificate")
    check_room(size=taken.size, uscc="", actor=actor, field="certificate")
    return StoredFile.objects.create(
        sha256=store(taken.data),
        size=taken.size,
        kind=taken.kind,
        content_type=taken.content_type,
        pages=taken.pages,
        original_name=taken.name,
        purpose=PURPOSE,
        region=department.region,
        department=department,
        scan_state=str(taken.scan_state),
        uploaded_by=actor,
    )


def kept_certificate(key: Any, *, actor: Any) -> StoredFile | None:
    """The scan this person uploaded a moment ago, by the key in the form; None for anything else."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    return StoredFile.objects.filter(pk=wanted, uploaded_by=actor, purpose=PURPOSE).first()
