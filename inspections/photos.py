"""Pictures of items, taken on the spot: checked like every upload, kept with their hash and the time they were taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from casework import codes as casework_codes
from casework.file_purposes import CASE_FILE
from casework.keeping import MOST_FILES
from casework.models import Attachment, Case
from yancheng_childcare.files import DOCUMENTS, IntakeResult, intake, keep
from yancheng_childcare.problems import Problem, Rejected

from . import codes
from .found import Found
from .models import VisitItem, VisitPhoto

STEP = "record"
FAST_CLOCK = timedelta(minutes=10)  # a telephone's clock may be ahead of ours [A]
Taken = dict[str, list[tuple[IntakeResult, datetime | None]]]


def checked(changes: Mapping[str, Found]) -> tuple[Taken, list[Problem]]:
    """The pictures that passed the intake, by code of their item, and what is wrong with the others.

    Raises Rejected only for what is no fault of a file (507 disk full).
    """
    taken: Taken = {}
    problems: list[Problem] = []
    if sum(len(found.photos) for found in changes.values()) > MOST_FILES:
        code = next(code for code, found in changes.items() if found.photos)
        words = f"一次最多上传 {MOST_FILES} 张照片，请分几次保存。"
        return {}, [Problem(casework_codes.FILES, f"photos-{code}", words)]
    for code, found in changes.items():
        when, wrong = taken_at(code, found)
        problems += wrong
        for uploaded in found.photos:
            try:
                result = intake(uploaded, purpose=CASE_FILE, allowed=DOCUMENTS, field=f"photos-{code}")
            except Rejected as rejected:
                if rejected.status not in {413, 422}:
                    raise
                problems += rejected.problems
            else:
                taken.setdefault(code, []).append((result, when))
    return taken, problems


def taken_at(code: str, found: Found) -> tuple[datetime | None, list[Problem]]:
    """When the pictures of one item were taken, and what is wrong with the answer; nothing is asked without a picture."""
    if not found.photos or not found.taken_at:
        return None, []
    try:
        when = parse_datetime(found.taken_at)
    except ValueError:  # well written, but no day of the calendar
        when = None
    if when is None:
        return None, [Problem(codes.ITEM, f"taken-{code}", f"{code} 的拍摄时间请写成 2026-11-23 09:30 的样子。")]
    when = timezone.make_aware(when) if timezone.is_naive(when) else when
    if when > timezone.now() + FAST_CLOCK:
        return None, [Problem(codes.ITEM, f"taken-{code}", f"{code} 的拍摄时间不能晚于现在。")]
    return when, []


def too_many(photos: Taken, lines: Mapping[str, VisitItem]) -> Iterator[Problem]:
    """An item keeps at most `MOST_FILES` pictures."""
    for code, rows in photos.items():
        if code in lines and lines[code].photos.count() + len(rows) > MOST_FILES:
            yield Problem(casework_codes.FILES, f"photos-{code}", f"{code} 最多保存 {MOST_FILES} 张照片。")


def keep_photos(case: Case, photos: Taken, lines: Mapping[str, VisitItem], actor: Any) -> None:
    """Keep them with their items. Raises Rejected: FILE-029, FILE-030 beyond the quota, FILE-026 (507) disk full."""
    for code, rows in photos.items():
        for result, when in rows:
            stored = keep(result, uploaded_by=actor, uscc=case.uscc, region=case.region, field=f"photos-{code}")
            row = Attachment.objects.create(case=case, file=stored, step=STEP, added_by=actor)
            VisitPhoto.objects.create(line=lines[code], attachment=row, taken_at=when)
