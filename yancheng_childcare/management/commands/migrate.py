"""`migrate`, as the tables' owner: afterwards the portal's role gets its rights, and the keys their fingerprints."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from yancheng_childcare.keys import not_compared, register_keys
from yancheng_childcare.owner import as_owner, fit_rights, narrow_the_switch


class Command(migrate.Command):
    help = "更新数据库结构；设置了 OWNER_DATABASE_URL 时以所有者身份执行，并为门户角色收放权限"

    def handle(self, *args: Any, **options: Any) -> None:
        partial = options["app_label"] or options["plan"] or options["check_unapplied"]
        if options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        with not_compared(), as_owner() as role:
            super().handle(*args, **options)
            if partial:
                return
            register_keys()
            narrow_the_switch()
            if role:
                fit_rights(role)
