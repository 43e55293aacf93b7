"""What the demo needs to be the same in every process: ports and secrets of the two demo receivers."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from .locks import Lock
from .paths import local_folder, private_folder, write_whole

FIRST_PORT = 8001
SECRETS = ("DEMO_HEALTH_SECRET", "DEMO_POLICE_SECRET")
PORTS = ("DEMO_RECEIVER_HEALTH_PORT", "DEMO_RECEIVER_POLICE_PORT")


def state_file() -> Path:
    """Return the file in which a running portal tells where it is."""
    return local_folder() / "portal.json"


def read_state() -> dict[str, object]:
    """Return what the last portal wrote: pid, url, health_port, police_port. Empty when there is none."""
    try:
        state = json.loads(state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(**state: object) -> None:
    """Replace the state file in one step."""
    write_whole(state_file(), json.dumps(state))


def fill_environment() -> None:
    """Set the demo receivers' ports and secrets where unset. The secrets are made once and kept under `.local/keys`."""
    state = read_state()
    for offset, (variable, key) in enumerate(zip(PORTS, ("health_port", "police_port"), strict=True)):
        os.environ.setdefault(variable, str(state.get(key, FIRST_PORT + offset)))
    for variable in SECRETS:
        if not os.environ.get(variable):
            os.environ[variable] = _kept_secret(variable.lower())


def _kept_secret(name: str) -> str:
    kept = private_folder(local_folder() / "keys") / name
    with Lock(kept.with_suffix(".lock")):
        if not kept.exists():
            write_whole(kept, "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    return kept.read_text()
