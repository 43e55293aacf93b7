"""How a child answers: four bytes of length, then the content; and how it says that a file is refused."""

from __future__ import annotations

import json
import sys
from typing import Any


class Refused(Exception):
    """The file is refused. `code` is one of FILE_CODES or a name the caller knows; `values` fill its sentence."""

    def __init__(self, code: str, **values: object):
        self.code, self.values = code, values
        super().__init__(code)

    def as_answer(self) -> dict[str, Any]:
        """The frame that says so."""
        return {"refuse": self.code, "values": self.values}


def send(content: bytes) -> None:
    """One frame."""
    sys.stdout.buffer.write(len(content).to_bytes(4, "big") + content)
    sys.stdout.buffer.flush()


def send_json(answer: dict[str, Any]) -> None:
    """One frame of JSON."""
    send(json.dumps(answer).encode())
