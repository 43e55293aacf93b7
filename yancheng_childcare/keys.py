"""Fingerprints of the keys the data was written with: a process that has other keys refuses to start.

A restored database beside fresh keys, or a worker without its environment, would write what nobody can read and find
nobody by name (operations.md 10). The fingerprint is an HMAC of a constant; `migrate` and `rotate_keys` register new
keys, every process compares at its start and, where the database was away then, at its first connection.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection
from django.db.backends.signals import connection_created

from .crypto import current_key_id, decode_key, field_keys, hmac_sm3

logger = structlog.get_logger("portal.keys")
_TABLE = "yancheng_childcare_keyfingerprint"
_FIELD = "FIELD_KEYS:"
REMEDY = "不要写入数据。请核对环境变量或密钥文件，找回与此数据库一致的密钥后再启动；确实更换过密钥的，按 docs/seals-and-keys.md“密钥”处理。"


class WrongKeys(CommandError):
    """The keys of this process are not those of the database; says which, and what to do."""


class _Process:
    """What this process knows: whether its keys were found right, or need not be compared (`migrate`)."""

    checked = False


def fingerprints() -> dict[str, str]:
    """Name → fingerprint of every key this process has. SECRET_KEY signs only what is short-lived or has fallbacks."""
    keys = {f"{_FIELD}{kid}": key for kid, key in field_keys().items()}
    keys |= {name: decode_key(getattr(settings, name), name) for name in ("BLIND_INDEX_KEY", "SEAL_KEY")}
    return {
        name: hmac_sm3(key, f"yancheng-childcare fingerprint of {name}".encode()).hex() for name, key in keys.items()
    }


def compare(cursor: Any) -> None:
    """Raises WrongKeys when a key is another one, unknown to the database, or missing. Silent before the first `migrate`."""
    cursor.execute("SELECT to_regclass(%s)", [f"public.{_TABLE}"])
    if cursor.fetchone()[0] is None:
        return
    cursor.execute(f"SELECT name, fingerprint, retired_at IS NULL FROM {_TABLE}")  # noqa: S608 - our own constant
    known = {name: (fingerprint, wanted) for name, fingerprint, wanted in cursor.fetchall()}
    if not known:
        return
    ours = fingerprints()
    other = sorted(name for name, value in ours.items() if name in known and known[name][0] != value)
    unknown = sorted(name for name in ours if name not in known)
    missing = sorted(name for name, (_, wanted) in known.items() if wanted and name not in ours)
    problems = [
        *(f"{name} 与数据库登记的指纹不符" for name in other),
        *(f"{name} 在数据库中没有登记（新增密钥后须先执行 manage.py migrate）" for name in unknown),
        *(f"缺少 {name}（库中仍有用它加密的数据；停用前须先执行 manage.py rotate_keys）" for name in missing),
    ]
    if problems:
        raise WrongKeys(f"密钥不对，拒绝启动：{'；'.join(problems)}。{REMEDY}")


def register_keys() -> list[str]:
    """Keep the fingerprints of keys the database does not know yet; returns their names. Called as the owner.

    Raises WrongKeys when a known key is another one: that is never put right by writing over it.
    """
    from .models import KeyFingerprint

    known = dict(KeyFingerprint.objects.values_list("name", "fingerprint"))
    ours = fingerprints()
    if other := sorted(name for name, value in ours.items() if known.get(name, value) != value):
        raise WrongKeys(f"密钥不对：{'、'.join(other)} 与数据库登记的指纹不符。{REMEDY}")
    if known and not any(name in known for name in ours if name.startswith(_FIELD)):
        # No key in common: these are the keys of another installation, or made up on the spot.
        raise WrongKeys(f"密钥不对：FIELD_KEYS 里没有一把是数据库登记过的（{'、'.join(sorted(known))}）。{REMEDY}")
    fresh = [name for name in ours if name not in known]
    KeyFingerprint.objects.bulk_create(KeyFingerprint(name=name, fingerprint=ours[name]) for name in fresh)
    current = f"{_FIELD}{current_key_id()}"
    KeyFingerprint.objects.filter(name=current, retired_at__isnull=False).update(retired_at=None)
    return fresh


def retire_keys(cursor: Any) -> None:
    """After a rotation that left nothing behind, only the current field key is needed to read the data. As the owner."""
    cursor.execute(
        f"UPDATE {_TABLE} SET retired_at = now() WHERE name LIKE %s AND name <> %s AND retired_at IS NULL",  # noqa: S608
        [f"{_FIELD}%", f"{_FIELD}{current_key_id()}"],
    )


@contextmanager
def not_compared() -> Iterator[None]:
    """For the commands that register keys: they speak for themselves."""
    before, _Process.checked = _Process.checked, True
    try:
        yield
    finally:
        _Process.checked = before


def refuse_wrong_keys(code: int = 3) -> None:
    """Compare now, and end this process with `code` and a message when the keys are wrong.

    With the database away nothing can be compared: the process starts, and its first connection compares.
    """
    try:
        connection.ensure_connection()
    except WrongKeys as error:
        logger.critical("wrong_keys", reason=str(error))
        sys.stderr.write(f"{error}\n")
        raise SystemExit(code) from None
    except OperationalError as error:
        logger.warning("keys_not_compared", reason=type(error).__name__)


def compare_at_first_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Whatever touches data (a command, a shell, a server whose database came up late) is compared before its first query."""
    if _Process.checked or connection.alias != DEFAULT_DB_ALIAS:
        return
    try:
        with connection.connection.cursor() as cursor:
            compare(cursor)
    except WrongKeys:
        # Else the open connection would serve the next query uncompared.
        connection.close()
        raise
    _Process.checked = True


connection_created.connect(compare_at_first_connection, dispatch_uid="compare_keys")
