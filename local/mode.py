"""Local mode or production: one variable, read the same way before and after Django is there."""

from __future__ import annotations

import os

# What must come from outside in production: nothing embedded stands in for it.
REQUIRED_SERVICES = ("DATABASE_URL", "REDIS_URL")


def is_local() -> bool:
    """True unless DEBUG says otherwise: services are embedded, keys are made, files are kept under `.local/`."""
    return os.environ.get("DEBUG", "1").strip().lower() in {"true", "on", "ok", "y", "yes", "1"}
