"""Granted by one, approved by another: the one way in which any such row takes effect (reliability.md T2).

Who approves sends back a fingerprint of what the page showed. The row is locked and compared with it, so a row that was
edited between reading and pressing the button is not approved (security.md H4b).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from .models import User
from .models.approvals import TwoPersons
from .problems import Problem, Rejected
from .records import log_event

CHANGED, OWN_GRANT, OWN_GAIN, CLOSED, NO_DUTY, NOTHING = (
    "APR-101",
    "APR-102",
    "APR-103",
    "APR-104",
    "APR-105",
    "APR-106",
)
CODES = {
    CHANGED: "申请在打开页面后被改过",
    OWN_GRANT: "申请由本人提出，须由另一人批准",
    OWN_GAIN: "申请与本人有关，须由另一人批准",
    CLOSED: "申请已经批准、撤回或过期",
    NO_DUTY: "职责不包含批准这类申请",
    NOTHING: "没有选择要批准的申请",
}
Row = TypeVar("Row", bound=TwoPersons)


def shown(row: TwoPersons) -> list[tuple[str, str]]:
    """(label, value) of everything an approval covers, as the approving person reads it."""
    return [
        (str(field.verbose_name), _words(row, field))
        for field in row._meta.concrete_fields
        if field.name not in {"id", "approved_by", row.AS_ROWS, *row.NOT_SHOWN}
    ]


def fingerprint(row: TwoPersons) -> str:
    """SHA-256 of all that `shown` says, with the stored values behind the words and the row's own key."""
    fields = [f for f in row._meta.concrete_fields if f.name not in {"approved_by", *row.NOT_SHOWN}]
    stored = [[field.attname, str(getattr(row, field.attname))] for field in fields]
    text = json.dumps([row._meta.label_lower, stored, shown(row), row.shown_rows()], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def approve(row: Row, *, seen: str, actor: Any) -> Row:
    """Approve one row that was shown with the fingerprint `seen`; returns it locked and saved. Raises as `approve_all`."""
    return approve_all(type(row), seen={str(row.pk): seen}, actor=actor)[0]


def approve_all(model: type[Row], *, seen: Mapping[str, str], actor: Any) -> list[Row]:
    """Approve the rows whose key → fingerprint are given: all of them or none, under their locks.

    Raises Rejected: 409 (APR-101) for a row changed since it was shown, 403 (APR-102, APR-103) for what the actor granted
    or gains by, 409 (APR-104) for one that is no longer open, 403 (APR-105) without the duty, 422 (APR-106) for none.
    """
    if not seen:
        raise Rejected(Problem(NOTHING, "", "没有选择要批准的申请。请返回列表勾选后再批准。"))
    manager: Any = model._default_manager
    with transaction.atomic():
        rows = list(manager.select_for_update(of=("self",)).filter(pk__in=list(seen)).order_by("pk"))
        if len(rows) != len(seen):
            raise _refused(CLOSED, "有申请已经不存在。请刷新列表后重试。", 409)
        for row in rows:
            _check(row, seen[str(row.pk)], actor)
            row.approved_by = actor
            row.save(update_fields=["approved_by"])
            if row.EFFECT:
                import_string(row.EFFECT)(row, actor)
            log_event(
                f"{row.ACT}.approved",
                subject=row.act_subject(),
                summary=f"批准{row._meta.verbose_name}：{row}",
                actor=actor,
                region_prefix=row.act_region(),
                data={"id": str(row.pk), "granted_by": row.granted_by_id, "fingerprint": seen[str(row.pk)]},
            )
    return rows


def forbidden(row: TwoPersons, actor: Any) -> Rejected | None:
    """Why this person may not approve the row, whatever its state; None when they may."""
    if not row.may_be_approved_by(actor):
        return _refused(NO_DUTY, "您的职责不包含批准这类申请。请由平台管理员或本部门另一名对接人办理。", 403)
    if row.granted_by_id == actor.pk:
        return _refused(OWN_GRANT, f"“{row}”由您提出，须由另一人批准。请通知有权批准的同事。", 403)
    if row.gained_by(actor):
        return _refused(OWN_GAIN, f"“{row}”有授予您本人的内容，须由另一人批准。请通知有权批准的同事。", 403)
    return None


def check_still_as_seen(row: TwoPersons, seen: str) -> None:
    """Raises Rejected (409): APR-104 for a row that is no longer open, APR-101 for one changed since it was shown."""
    reason = "已经批准，无需再次办理" if row.approved_by_id is not None else row.why_closed()
    if reason:
        raise _refused(CLOSED, f"“{row}”{reason}。请刷新列表。", 409)
    if fingerprint(row) != seen:
        raise _refused(CHANGED, f"“{row}”这条申请在您打开页面后被改过，请重新核对。请刷新列表后再批准。", 409)


def _check(row: TwoPersons, seen: str, actor: Any) -> None:
    if refusal := forbidden(row, actor):
        raise refusal
    check_still_as_seen(row, seen)


def _refused(code: str, words: str, status: int) -> Rejected:
    return Rejected(Problem(code, "", words), status=status)


def _words(row: TwoPersons, field: models.Field[Any, Any]) -> str:
    """One value in words. People by name and user name: two may share a name."""
    value = getattr(row, field.name)
    if isinstance(value, User):
        return f"{value.display_name}（{value.username}）"
    if isinstance(value, models.Model):
        return f"{value}（{value.pk}）"
    if field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return "无" if value is None or value == "" else str(value)
