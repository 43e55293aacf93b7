"""How a line of the log is made: JSON, ids kept, persons masked. Imports nothing that needs the settings."""

from __future__ import annotations

from typing import Any

import structlog

from .masking import mask_personal
from .tracebacks import render_exception

STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=False),
    render_exception,
    mask_personal,
]
structlog.configure(
    processors=[*STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
