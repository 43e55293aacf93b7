"""Error codes of inspections. Codes are public: never reuse one, never change its meaning."""

from __future__ import annotations

UNKNOWN = "INS-101"

CODES = {UNKNOWN: "没有这个代码的机构"}
