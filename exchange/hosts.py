"""Hosts a department's pushes may go to: proposed by one administrator, approved by another, ended by either at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from yancheng_childcare.records import log_event

from .models import AllowedTarget


def propose_host(row: AllowedTarget, *, actor: Any) -> AllowedTarget:
    """Keep a new or changed host; it allows nothing until another administrator approves it as it stands now."""
    act = "changed" if row.pk else "added"
    row.granted_by, row.approved_by = actor, None
    with transaction.atomic():
        row.save()
        _keep(act, row, actor)
    return row


def end_host(row: AllowedTarget, *, actor: Any) -> None:
    """Allow it no more, at once: less needs no second person. The history of the table keeps the row."""
    with transaction.atomic():
        _keep("removed", row, actor)
        row.delete()


def _keep(act: str, row: AllowedTarget, actor: Any) -> None:
    log_event(
        f"allowed_target.{act}",
        subject=row.act_subject(),
        summary=f"允许推送的目标：{row}",
        actor=actor,
        data={"host": row.host, "port": row.port, "cidr": row.cidr, "plain_http": row.plain_http},
    )
