"""Everything that one person asked for and another has still to approve, of whichever kind; and its refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Max, Value
from django.utils.module_loading import import_string

from .approvals import CLOSED, NO_DUTY, check_still_as_seen, forbidden
from .models import User
from .models.approvals import TwoPersons, counts
from .notifications import notify
from .problems import Problem, Rejected, refuse_id_number
from .records import log_event

MIN_REASON, MAX_REASON = 4, 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row that waits. `why_not`: why this person must leave it to another, "" when they may approve it."""

    row: TwoPersons
    why_not: str
    asked_at: datetime | None = None

    @property
    def what(self) -> str:
        """The kind, as it stands in an address."""
        return str(self.row._meta.model_name)


def kinds() -> dict[str, type[TwoPersons]]:
    """Every kind of row that takes two persons, by its name in an address, in a fixed order."""
    models = [model for model in apps.get_models() if issubclass(model, TwoPersons)]
    return {str(model._meta.model_name): model for model in models}


def with_people(model: type[TwoPersons]) -> Any:
    """The rows of one kind with everything they point to, as an approval shows it."""
    manager: Any = model._default_manager
    return manager.select_related(*(f.name for f in model._meta.concrete_fields if f.is_relation))


def waiting_rows(model: type[TwoPersons]) -> list[Any]:
    """The rows of one kind that do not count yet and still can be approved, newest first; one query."""
    rows = _open_rows(with_people(model)).order_by("-pk")
    return [row for row in rows if not row.why_closed()]


def _open_rows(rows: Any) -> Any:
    return rows.filter(rows.model.OPEN).exclude(counts())


def may_approve(person: Any) -> int:
    """How many rows wait that this person may approve."""
    known = kinds()
    return sum(forbidden(row, person) is None for kind in _kinds_that_wait() for row in waiting_rows(known[kind]))


def _kinds_that_wait() -> list[str]:
    """The kinds with a row that waits. One query: a desk asks this each time, and most days nothing waits."""
    first, *others = (
        _open_rows(model._default_manager.all()).order_by().values_list(Value(kind), flat=True)[:1]
        for kind, model in kinds().items()
    )
    return list(first.union(*others, all=True))


def waiting_for(person: Any) -> list[Waiting]:
    """Everything that waits and that the person may look at: what they may approve, and their own with the reason."""
    found = []
    for model in kinds().values():
        rows = [row for row in waiting_rows(model) if row.may_be_approved_by(person)]
        asked = _last_edits(model, rows)
        found += [Waiting(row, _words(forbidden(row, person)), asked.get(row.pk)) for row in rows]
    return found


def refuse(row: TwoPersons, *, seen: str, actor: Any, reason: str = "") -> str:
    """Another person refuses what was shown with the fingerprint `seen`, or who asked withdraws it; says which.

    A reason is kept in the act and told to who asked. Raises Rejected: 403 (APR-105) without the duty, 409 (APR-101,
    APR-104) for a row that changed or is closed, 422 for a reason that is missing where the kind needs one.
    """
    reason = reason.strip()[:MAX_REASON]
    if problems := refuse_id_number("reason", reason):
        raise Rejected(problems)
    manager: Any = type(row)._default_manager
    with transaction.atomic():
        locked = manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if locked is None:
            raise Rejected(Problem(CLOSED, "", "这条申请已经不存在。请刷新列表。"), status=409)
        own = locked.granted_by_id == actor.pk
        if not own and not locked.may_be_approved_by(actor):
            raise Rejected(Problem(NO_DUTY, "", "您的职责不包含办理这类申请。"), status=403)
        check_still_as_seen(locked, seen)
        if not own and locked.REFUSED_WITH_REASON and len(reason) < MIN_REASON:
            raise Rejected(Problem("GEN-422", "reason", "请写明不予批准的理由，提出人会看到，例如哪一行要改成什么。"))
        verb, act = ("撤回", "withdrawn") if own else ("不予批准", "refused")
        words = f"{locked._meta.verbose_name}：{locked}"
        log_event(
            f"{locked.ACT}.{act}",
            subject=locked.act_subject(),
            summary=f"{verb}{words}",
            actor=actor,
            region_prefix=locked.act_region(),
            data={"id": str(locked.pk), "granted_by": locked.granted_by_id, "fingerprint": seen, "reason": reason},
        )
        if not own and locked.granted_by is not None:
            why = f"理由：{reason.rstrip('。')}。" if reason else ""
            body = f"{actor.display_name}没有批准您提出的{words}。{why}仍需办理的，请核对后重新提出。"
            notify([locked.granted_by], title="您提出的申请没有获批", body=body)
        _tell_whom(
            locked, f"{actor.display_name}{verb}了为您提出的{words}，不会生效。", {actor.pk, locked.granted_by_id}
        )
        if locked.REFUSED:
            import_string(locked.REFUSED)(locked)
        locked.end_unapproved(reason)
    return verb


def _tell_whom(row: Any, words: str, known: set[int | None]) -> None:
    """Whom the row was for, unless it is one of those who know already."""
    if row.for_whom() and row.for_whom() not in known:
        notify([row.user], title="为您提出的申请没有生效", body=words)


def for_whom(row: TwoPersons) -> str:
    """The person who gains by the row, by name and user name; "" when there is none."""
    key = row.for_whom()
    person = getattr(row, "user", None) if key else None
    return f"{person.display_name}（{person.username}）" if isinstance(person, User) else ""


def _last_edits(model: Any, rows: list[Any]) -> dict[Any, datetime]:
    """When each row last became what it is now; of the kinds without such a column as well, hence from the history."""
    if not rows:
        return {}
    events = model.pgh_event_model._default_manager.filter(pgh_obj_id__in=[row.pk for row in rows])
    return dict(events.values_list("pgh_obj_id").annotate(Max("pgh_created_at")))


def _words(refusal: Rejected | None) -> str:
    return refusal.problems[0].message if refusal else ""
