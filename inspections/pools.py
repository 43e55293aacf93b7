"""From the registers to the engine of the draw and back: what is frozen, drawn, replaced and published of a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from casework.models import Case
from registry.models import Institution
from yancheng_childcare.problems import Problem, Rejected

from . import codes, draw, risk
from .choices import Verdict
from .draw.files import read_pool, read_source
from .models import Batch, DrawFile, DrawRow, Gone, Officer, Rectification, Referral, Tie, Visit, VisitItem
from .querysets import COUNTS
from .terms import terms_on

FROZEN, DRAWN, FOLLOWED = "FROZEN", "DRAWN", "FOLLOWED"
CAP, IN_CHECK = "CAP", "IN_CHECK"
WHY = {CAP: "本年已达频次上限", IN_CHECK: "正在检查中", "COMPLAINT": "投诉查实"}
YEAR = timedelta(days=365)


def freeze(case: Case) -> draw.Pool:
    """Freeze the pool of a batch: places and officers as the registers stand now. Raises Rejected 422 for what cannot be drawn."""
    batch: Batch = case.body
    places, officers = _places(case), _officers(case)
    batch.frozen_at = timezone.now()
    try:
        pool = draw.freeze(
            [place for place, _ in places], [row for row, _ in officers], _rules(case),
            recusals=_recusals(places, officers),
        )  # fmt: skip
    except draw.Refused as refused:
        raise Rejected(Problem(codes.POOL, "", f"{refused}。")) from refused
    batch.fingerprint = pool.fingerprint
    DrawRow.objects.bulk_create(
        [
            DrawRow(batch=batch, row_id=draw.row_id(one.salt, one.key), salt=one.salt, uscc=one.key, weight=one.weight)
            for one, _ in places
        ]
        + [
            DrawRow(batch=batch, row_id=draw.row_id(one.salt, one.certificate), salt=one.salt, officer=officer)
            for one, officer in officers
        ]
    )
    publish(batch, FROZEN, draw.publish_pool(pool))
    return pool


def run(case: Case, text: str, witnesses: tuple[str, str]) -> draw.Drawn:
    """Draw from the frozen files and the source. Raises Rejected 422."""
    batch: Batch = case.body
    try:
        drawn = draw.draw(read_pool(files_of(batch)), draw.Source(text, witnesses))
    except draw.Refused as refused:
        raise Rejected(Problem(codes.POOL, "", f"{refused}。")) from refused
    batch.seed = drawn.seed
    publish(batch, DRAWN, draw.publish(drawn))
    return drawn


def publish(batch: Batch, stage: str, files: Mapping[str, bytes]) -> None:
    """Keep what is new of these files; nothing that stands is written again."""
    known = {row.name: bytes(row.content) for row in batch.files.all()}
    DrawFile.objects.bulk_create(
        DrawFile(batch=batch, stage=stage, name=name, content=content)
        for name, content in files.items()
        if known.get(name) != content
    )


def files_of(batch: Batch) -> dict[str, bytes]:
    """The published files, the latest of each name."""
    return {row.name: bytes(row.content) for row in batch.files.all()}


def chosen(batch: Batch) -> list[tuple[str, list[Officer]]]:
    """(credit code, officers) of every place drawn, in the order of the draw."""
    pairs = draw_of(batch).pairs
    rows = {row.row_id: row for row in batch.rows.select_related("officer__user", "officer__subject")}
    sent: dict[str, list[Officer]] = {}
    for pair in pairs:
        officer = rows[pair.officer].officer
        if officer is not None:
            sent.setdefault(rows[pair.place].uscc, []).append(officer)
    return list(sent.items())


def substitute(batch: Batch, uscc: str, reason: str) -> tuple[str, list[Officer]]:
    """A place that is gone, and who takes its turn: (credit code, officers). Raises Rejected 422 when the reserve ran out."""
    rows = {row.row_id: row for row in batch.rows.select_related("officer__user")}
    gone = next(row for row in rows.values() if row.uscc == uscc)
    Gone.objects.create(batch=batch, row_id=gone.row_id, reason=reason)
    last = _replacements(batch)[-1]
    officers = [rows[one].officer for one in last.officers.split()]
    return rows[last.replacement].uscc, [officer for officer in officers if officer is not None]


def publish_visits(batch: Batch, visits: list[Case]) -> None:
    """After the visits: which places and which officers, as two lists that stand beside no id and no weight."""
    rows = {row.uscc: row for row in batch.rows.exclude(uscc="")}
    officers = {one for visit in visits for one in visit.body.crew}
    followed = draw.Followed(
        visited=tuple((visit.region_id, visit.uscc, visit.subject_name) for visit in visits if visit.uscc in rows),
        visitors=tuple((one.subject.field, one.certificate_no, one.user.display_name) for one in officers),
        replacements=tuple(_replacements(batch)),
    )
    publish(batch, FOLLOWED, draw.publish(draw_of(batch), when=draw.AFTER, followed=followed))


def _replacements(batch: Batch) -> list[draw.Replacement]:
    try:
        return draw.replace(draw_of(batch), batch.gone.values_list("row_id", "reason"))
    except draw.Refused as refused:
        raise Rejected(Problem(codes.POOL, "place", f"{refused}。")) from refused


def draw_of(batch: Batch) -> draw.Drawn:
    """The draw as the published files give it."""
    files = files_of(batch)
    return draw.draw(read_pool(files), read_source(files))


def _rules(case: Case) -> draw.Rules:
    batch: Batch = case.body
    return draw.Rules(
        no=case.no,
        source=batch.source,
        frozen_at=timezone.localtime(batch.frozen_at).replace(microsecond=0),
        source_at=timezone.localtime(batch.source_at).replace(microsecond=0),
        visits_until=batch.visits_until,
        teams=((batch.plan.subject.field, 2),),
        rate=batch.rate,
        total=batch.total,
        all_below=batch.all_below,
    )


def _places(case: Case) -> list[tuple[draw.Place, Institution]]:
    """Every registered institution of the area, with its weight, and why it is left out (domain.md §5.2)."""
    batch: Batch = case.body
    rows = Institution.objects.filter(region__prefix__startswith=case.region.prefix, status="ACTIVE").order_by("uscc")
    found = list(rows.select_related("region"))
    visits, busy = _visits(batch, [one.uscc for one in found])
    weights = _weights([one.uscc for one in found], timezone.localdate())
    cap = terms_on(timezone.localdate()).cap
    telling = set(draw.telling((one.region_id, weights[one.uscc]) for one in found))
    return [
        (
            draw.Place(
                one.uscc, one.region_id, 1 if one.region_id in telling else weights[one.uscc], draw.new_salt(),
                excluded=IN_CHECK if one.uscc in busy else CAP if visits[one.uscc] >= cap else "",
            ),
            one,
        )
        for one in found
    ]  # fmt: skip


def _visits(batch: Batch, usccs: list[str]) -> tuple[Counter[str], set[str]]:
    """How many visits of this body this year count for the cap; where one is under way."""
    rows = Visit.objects.filter(subject=batch.plan.subject, case__uscc__in=usccs)
    counted = rows.approved_for(batch.visits_until.year).filter(COUNTS)
    busy = rows.filter(case__closed_on__isnull=True).values_list("case__uscc", flat=True)
    return Counter(counted.values_list("case__uscc", flat=True)), set(busy)


def _weights(usccs: Iterable[str], today: date) -> dict[str, int]:
    """The weight of each place by its risk: four queries."""
    since = today - YEAR
    wrong = VisitItem.objects.filter(verdict=Verdict.NOT_MET, visit__concluded_on__gt=since)
    grave = Counter(wrong.values_list("visit__case__uscc", "item__severity"))
    late = Counter(
        Rectification.objects.filter(overdue_shown=True, case__opened_at__date__gt=since).values_list(
            "case__uscc", flat=True
        )
    )
    sent = Counter(Referral.objects.filter(case__opened_at__date__gt=since).values_list("case__uscc", flat=True))
    new = set(Institution.objects.filter(Q(established_on__gt=since)).values_list("uscc", flat=True))
    return {
        uscc: risk.WEIGHTS[
            risk.level(risk.Facts(grave[uscc, "RED"], grave[uscc, "CRITICAL"], late[uscc], sent[uscc], uscc in new))
        ]
        for uscc in usccs
    }


def _officers(case: Case) -> list[tuple[draw.Officer, Officer]]:
    batch: Batch = case.body
    subject = batch.plan.subject
    rows = Officer.objects.certified(timezone.localdate()).filter(subject=subject, valid_to__gte=batch.visits_until)
    loads = Counter(
        Visit.objects.filter(case__closed_on__isnull=True, subject=subject).values_list("officers", flat=True)
    )
    area = "*" if case.region.level == "CITY" else case.region_id
    return [
        (draw.Officer(row.certificate_no, subject.field, area, row.valid_to, loads[row.pk], draw.new_salt()), row)
        for row in rows.select_related("user").order_by("certificate_no")
    ]


def _recusals(places: list[Any], officers: list[Any]) -> list[tuple[str, str]]:
    """(credit code, certificate) of officers who stay away (行政处罚法 第四十三条)."""
    ties = Tie.objects.standing().filter(uscc__in=[place.key for place, _ in places])
    certificates: dict[int, list[str]] = {}
    for row, officer in officers:
        certificates.setdefault(officer.user_id, []).append(row.certificate)
    return [(uscc, no) for user, uscc in ties.values_list("user_id", "uscc") for no in certificates.get(user, [])]
