"""A table is submitted, approved by another administrator, and then taken: by the services of the pages of one person."""

from __future__ import annotations

from datetime import date
from typing import Any

from celery import shared_task
from django.db import IntegrityError, transaction
from django.utils import timezone

from casework.imports.report import NEW, Report
from yancheng_childcare.accounts.duties import grant
from yancheng_childcare.accounts.requests import ask, create_account, renew_part
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.choices import AccountRequestKind
from yancheng_childcare.models import AccountRequest, Department, Region, StoredFile, User
from yancheng_childcare.notifications import notify
from yancheng_childcare.pieces import each
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.tasks import hand_over

from ...models import StaffTable
from .checking import OTHER_PERSON, SWITCHED_OFF, does

#: Rows that are taken while the approving person waits; more are taken by the worker.
AT_ONCE = 50
TAKEN_MEANWHILE = "这个用户名刚刚被另一个账号占用。请核对后在新的表格中重新提交。"


def submit(report: Report, file: StoredFile, *, actor: Any) -> StaffTable:
    """Ask for all good rows of a checked table; nothing is made before another administrator approved it.

    The same file while it waits is the same table. Raises Rejected (422) when there is nothing to do.
    """
    rows = [{"line": line.number, "does": does(line), **_stored(line.data)} for line in report.in_state(NEW)]
    if not rows:
        raise Rejected(Problem("GEN-422", "file", "表格里没有需要办理的内容。请改正有误的行，或换一个表格。"))
    waiting = StaffTable.objects.filter(file=file, closed_at__isnull=True, approved_by__isnull=True)
    try:
        with transaction.atomic():
            table = StaffTable.objects.create(file=file, name=file.original_name, rows=rows, granted_by=actor)
            log_event(
                "staff_table.submitted",
                subject=table.act_subject(),
                summary=f"提交人员与职责表：{table}（待批准）",
                actor=actor,
                data={"id": table.pk, "fingerprint": file.fingerprint, "rows": len(rows)},
            )
    except IntegrityError:
        if found := waiting.first():
            return found
        raise
    return table


def table_was_approved(table: StaffTable, actor: Any) -> None:
    """Set going by the approval, in its transaction: a short table is taken at once, a long one by the worker."""
    if len(table.rows) <= AT_ONCE:
        take(table.pk)
        return
    transaction.on_commit(lambda: hand_over(take_staff_tables))


def take(key: int) -> bool:
    """Make what an approved table says, each row in a savepoint: one that has become impossible is reported, others are taken.

    All in one transaction, so a worker that dies leaves nothing half made. False when there is nothing to do: not approved,
    taken before, or being taken at this moment. Who submitted is told how it went.
    """
    with transaction.atomic():
        rows = StaffTable.objects.to_take().select_for_update(of=("self",), skip_locked=True)
        table = rows.select_related("granted_by", "approved_by").filter(pk=key).first()
        if table is None:
            return False
        table.outcome = [_taken(row, table) for row in table.rows]
        table.taken_at = timezone.now()
        table.save(update_fields=["outcome", "taken_at"])
        done = sum(result["done"] for result in table.outcome)
        words = f"办理 {done} 行，没有办成 {len(table.outcome) - done} 行"
        log_event(
            "staff_table.taken",
            subject=table.act_subject(),
            summary=f"人员与职责表：{words}",
            actor=table.approved_by,
            data={"id": table.pk, "done": done, "failed": len(table.outcome) - done},
        )
        notify(
            [user for user in (table.granted_by,) if user is not None],
            title="人员与职责表已办理",
            body=f"您提交的{table}已获批准，{words}。新建的人员要凭一次性链接和批准码设置密码，链接请到表格页面领取。",
            url=table.page(),
        )
    return True


@shared_task
def take_staff_tables() -> int:
    """Take approved tables that nobody has taken yet, each by itself; returns how many."""
    waiting = StaffTable.objects.to_take().order_by("pk").values_list("pk", flat=True)
    return each("staff_tables", waiting, take).done


def links(table: StaffTable, *, actor: Any) -> list[tuple[str, str, str]]:
    """Name, user name and the reader's own part of each open link of a new person: the address, or the code.

    Each time anew, the former ones open nothing any more. Raises Rejected: 403 for anybody but who submitted and who
    approved, 409 when no link is open.
    """
    if actor.pk not in (table.granted_by_id, table.approved_by_id):
        raise Rejected(Problem("GEN-403", "", "链接由提交人领取，批准码由批准人领取。"), status=403)
    with transaction.atomic():
        parts = [
            (request.user.display_name, request.user.username, renew_part(request, actor))
            for request in open_links(table)
        ]
    if not parts:
        raise Rejected(Problem("GEN-409", "", "没有还能使用的一次性链接：已经用过或者过期。"), status=409)
    return parts


def open_links(table: StaffTable) -> list[AccountRequest]:
    """The links of this table's new people that were neither used nor ran out, in the order of the rows."""
    keys = [result["request"] for result in table.outcome if result.get("request")]
    rows = AccountRequest.objects.filter(pk__in=keys, closed_at__isnull=True).select_related("user").order_by("pk")
    return [request for request in rows if not request.why_closed()]


def _stored(data: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in data.items() if name != "new_person"}


def _taken(row: dict[str, Any], table: StaffTable) -> dict[str, Any]:
    """What became of one row; nothing of it is left when it could not be done."""
    result: dict[str, Any] = {"line": row["line"], "done": False, "words": ""}
    try:
        with transaction.atomic():
            return result | {"done": True, "words": "已办理", "request": _make(row, table)}
    except Rejected as rejected:
        return result | {"words": "；".join(problem.message for problem in rejected.problems)}
    except IntegrityError:
        return result | {"words": TAKEN_MEANWHILE}


def _make(row: dict[str, Any], table: StaffTable) -> int | None:
    """Account and duty of one row; the key of the request for the link of a new account.

    The duty is in force at once, so the link takes both persons: who submitted gets its address, who approved its code.
    """
    asked, approved = table.granted_by, table.approved_by
    user = User.objects.filter(username=row["username"]).first()
    made = user is None
    if user is None:
        names = {name: row[name] for name in ("username", "display_name", "email")}
        user, _ = create_account(**names, actor=asked)
    elif user.display_name != row["display_name"]:
        raise Rejected(Problem("GEN-409", "username", OTHER_PERSON))
    elif not user.is_active:
        raise Rejected(Problem("GEN-409", "username", SWITCHED_OFF))
    duty = grant(
        user=user,
        role=row["role"],
        actor=asked,
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        region=Region.objects.filter(pk=row["region"]).first(),
        department=Department.objects.filter(pk=row["department"]).select_related("region").first(),
        certificate_no=row["certificate_no"],
    )
    approve(duty, seen=fingerprint(duty), actor=approved)
    if not made:
        return None
    request, _ = ask(user=user, kind=AccountRequestKind.LINK, actor=asked, reason=f"新建人员（{table.name}）")
    return int(approve(request, seen=fingerprint(request), actor=approved).pk)
