"""Reads the environment for the settings: every secret from a variable or from a file, nothing made up in production."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from local.mode import REQUIRED_SERVICES, is_local

env = environ.Env()
# Long locks and forgotten transactions end by themselves (reliability.md T54).
# A page of twenty rows must not wait for parallel workers or a compiler to start (performance.md §1.5).
DATABASE_GUARDS = (
    "-c statement_timeout=15000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000"
    " -c max_parallel_workers_per_gather=0 -c jit=off"
)
KEYS = ("SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "SEAL_KEY")
BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"
# In production nothing is written beside the code: it may be read-only. systemd names the folder (StateDirectory=).
DATA_DIR = LOCAL_DIR if is_local() else Path(os.environ.get("STATE_DIRECTORY") or "/var/lib/yancheng-childcare")


def secret(name: str, default: str = "") -> str:
    """The variable `name`, or the text of the file that `name`_FILE names (a mounted secret), or `default`."""
    if value := os.environ.get(name, ""):
        return value
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"无法读取 {name}_FILE 指定的文件 {path}：{error.strerror}。"
            f" / The file {path} named by {name}_FILE cannot be read: {error.strerror}."
        ) from None


def sign_ons() -> list[dict[str, Any]]:
    """The province's sign-on services, of citizens and of legal persons, each where its address is set; as allauth has them."""
    return [
        {
            "provider_id": provider,
            "name": env.str(f"{prefix}_NAME", default=name),
            "client_id": env.str(f"{prefix}_CLIENT_ID"),
            "secret": secret(f"{prefix}_CLIENT_SECRET"),
            "settings": {"server_url": env.str(f"{prefix}_SERVER_URL")},
        }
        for prefix, provider, name in (
            ("OIDC", "province", "江苏政务服务网"),
            ("LEGAL_OIDC", "province-legal", "江苏政务服务网（法人）"),
        )
        if env.str(f"{prefix}_SERVER_URL", default="")
    ]


def origins(services: list[dict[str, Any]]) -> list[str]:
    """Scheme and host of each service: where a sign-in form may lead."""
    addresses = (urlsplit(service["settings"]["server_url"]) for service in services)
    return [f"{address.scheme}://{address.netloc}" for address in addresses]


def required(name: str, local: Callable[[], str]) -> str:
    """A secret production cannot do without; in local mode `local` stands in. Raises ImproperlyConfigured."""
    if value := secret(name):
        return value
    if not is_local():
        missing = [other for other in (*KEYS, *REQUIRED_SERVICES) if not _is_given(other)] or [name]
        raise ImproperlyConfigured(
            f"正式环境（DEBUG=0）必须设置 {'、'.join(missing)}（或以 _FILE 结尾的同名变量指定文件），未启动。"
            f" / With DEBUG=0 {', '.join(missing)} must be set (or NAME_FILE); nothing was started."
        )
    return local()


def _is_given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def required_key(name: str, make: Callable[[], str]) -> str:
    """A key production cannot do without; in local mode it is made once and kept under `.local/keys/`."""
    return required(name, lambda: _kept(LOCAL_DIR / "keys" / name.lower(), make))


def _kept(kept: Path, make: Callable[[], str]) -> str:
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = kept.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        try:
            # The first of several starting processes wins; its key is the key.
            with suppress(FileExistsError):
                kept.hardlink_to(draft)
        finally:
            draft.unlink()
    return kept.read_text().strip()


def proxy_count() -> int:
    """How many proxies of ours stand in front: a number, or yes and no for 1 and 0."""
    given = env.str("BEHIND_PROXY", default="0").strip()
    return int(given) if given.isdecimal() else int(env.bool("BEHIND_PROXY"))


def database(url: str, *, patience: int) -> dict[str, Any]:
    """The settings of one server. `patience`: seconds until a server that is silent counts as gone.

    What stands in the query of the address wins.
    """
    found: dict[str, Any] = env.db_url_config(url)
    options: dict[str, Any] = {
        "application_name": env.str("APPLICATION_NAME", default="portal"),
        "connect_timeout": patience,
        # A link that drops packets is noticed in seconds, not after the kernel's two hours (operations.md 3d).
        "tcp_user_timeout": patience * 2000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    if env.bool("DATABASE_STARTUP_OPTIONS", default=True):
        options["options"] = DATABASE_GUARDS
    return {
        **found,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **found.get("OPTIONS", {})},
    }
