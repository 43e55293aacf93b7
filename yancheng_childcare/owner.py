"""Two database roles: one owns the tables (`OWNER_DATABASE_URL`), the portal's own may only do what it must.

`migrate` and `rotate_keys` work as the owner; everything else connects as the role of `DATABASE_URL`, which can neither
change nor delete rows of append-only tables, disable a trigger, nor use pgtrigger's switch for any trigger but those of
`HISTORY_MAY_REST` (security.md M7). Without `OWNER_DATABASE_URL` one role does all, and nothing of this holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg2 import sql

from .append_only import append_only_tables, first_history_of, tables_that_keep_rows

# Written by the owner's commands alone; the portal reads them.
READ_ONLY = ("django_migrations", "yancheng_childcare_keyfingerprint")
_PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def as_owner() -> Iterator[str | None]:
    """The default connection as the tables' owner; yields the portal's role, or None when one role does all.

    The caller is in no transaction and has no other thread that uses the database.
    """
    owner = settings.OWNER_DATABASE
    if not owner:
        yield None
        return
    default = connections[DEFAULT_DB_ALIAS]
    if default.in_atomic_block:
        raise RuntimeError("the role cannot be changed inside a transaction")
    before = dict(default.settings_dict)
    default.close()
    default.settings_dict.update({part: owner[part] for part in _PARTS})
    default.settings_dict["OPTIONS"] = {**before["OPTIONS"], **owner.get("OPTIONS", {})}
    try:
        yield before["USER"]
    finally:
        default.close()
        default.settings_dict.update(before)


def fit_rights(role: str) -> None:
    """Give `role` what the portal needs and nothing else. Called as the owner, after every `migrate`.

    Raises CommandError when the role could change append-only rows all the same, with what to do.
    """
    name = sql.Identifier(role)
    kept = list(append_only_tables().values())
    statements = [
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(name),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(name),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        _revoke("UPDATE, DELETE", [table.name for table in kept], name),
        _revoke("DELETE", tables_that_keep_rows(), name),
        _revoke("INSERT, UPDATE, DELETE", READ_ONLY, name),
        *(
            sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, table.moving)), sql.Identifier(table.name), name
            )
            for table in kept
            if table.moving
        ),
    ]
    with connection.cursor() as cursor:
        _refuse_too_much_power(cursor, role)
        for statement in statements:
            cursor.execute(statement)
        if could := writable(cursor, role):
            raise CommandError(
                f"数据库角色 {role} 仍能修改只增不改的表：{'、'.join(could)}。请以数据库管理员身份收回它从其他角色得到的权限，再执行 migrate。"
            )


def _revoke(rights: str, tables: Any, role: sql.Identifier) -> sql.Composable:
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    return sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(rights), names, role)


def _refuse_too_much_power(cursor: Any, role: str) -> None:
    """No right can be taken from a superuser, an owner or somebody who may act as the owner."""
    cursor.execute(
        "SELECT r.rolsuper, r.rolname = current_user OR pg_has_role(r.oid, current_user, 'MEMBER'),"
        " EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace)"
        " FROM pg_roles r WHERE r.rolname = %s",
        [role],
    )
    found = cursor.fetchone()
    if found is None:
        raise CommandError(
            f"数据库里没有角色 {role}（DATABASE_URL 中的用户）。请先执行：CREATE ROLE {role} LOGIN PASSWORD '…';"
        )
    superuser, same, owns = found
    if superuser or same:
        raise CommandError(
            f"DATABASE_URL 的角色 {role} 是超级用户，或与 OWNER_DATABASE_URL 的角色相同，无法限制它。"
            f"请为门户另建普通角色，或执行：ALTER ROLE {role} NOSUPERUSER;"
        )
    if owns:
        raise CommandError(
            f"表仍属于门户自己的角色 {role}。请以数据库管理员身份执行一次：REASSIGN OWNED BY {role} TO "
            "（OWNER_DATABASE_URL 的角色）; 再执行 migrate。"
        )


def writable(cursor: Any, role: str) -> list[str]:
    """Append-only tables in which `role` could change or remove sealed content."""
    found = []
    for table in append_only_tables().values():
        cursor.execute(
            "SELECT has_table_privilege(%(r)s, %(t)s::regclass, 'DELETE, TRUNCATE, TRIGGER') OR EXISTS ("
            " SELECT FROM pg_attribute WHERE attrelid = %(t)s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> ALL(%(moving)s) AND has_column_privilege(%(r)s, attrelid, attnum, 'UPDATE'))",
            {"r": role, "t": f'"{table.name}"', "moving": list(table.moving)},
        )
        if cursor.fetchone()[0]:
            found.append(table.name)
    return found


def narrow_the_switch() -> None:
    """Let pgtrigger's switch (`pgtrigger.ignore`, which any session may set) work for the owner, and for others only
    with the triggers named in `HISTORY_MAY_REST`.

    The function is pgtrigger's own and comes back with each of its migrations: this runs after every `migrate`.
    """
    # Simple expressions alone until the last line: some 4 µs a call where pgtrigger's own takes 11 to 16.
    body = sql.SQL(
        "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $f$"
        " DECLARE resting name[] := nullif(current_setting('pgtrigger.ignore', true), '')::name[];"
        " BEGIN"
        " IF resting IS NULL OR trigger_name <> ALL (resting) THEN RETURN false; END IF;"
        " IF trigger_name = ANY ({allowed}::name[]) THEN RETURN true; END IF;"
        " RETURN pg_has_role(current_user,"
        " (SELECT relowner FROM pg_class WHERE oid = 'public.yancheng_childcare_event'::regclass), 'MEMBER');"
        " END $f$ LANGUAGE plpgsql STABLE"
    ).format(allowed=sql.Literal(resting_triggers()))
    with connection.cursor() as cursor:
        cursor.execute(body)


def resting_triggers() -> list[str]:
    """Names of the triggers that write the first history row of the models in `HISTORY_MAY_REST`."""
    return [first_history_of(apps.get_model(label)) for label in settings.HISTORY_MAY_REST]


@register(Tags.database, deploy=True)
def the_portal_is_not_the_owner(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """In production the portal's role must not be able to rewrite what is append-only."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or settings.LOCAL:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, to_regclass('public.yancheng_childcare_event')")
        role, there = cursor.fetchone()
        could = writable(cursor, role) if there else []
    return (
        [
            Error(
                f"数据库角色 {role} 能修改只增不改的表（共 {len(could)} 张）。",
                hint="为表另设所有者：设置 OWNER_DATABASE_URL 后执行 migrate，见 docs/seals-and-keys.md。",
                id="portal.E012",
            )
        ]
        if could
        else []
    )
