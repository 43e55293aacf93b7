"""What one try came back with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_WAIT_SECONDS = 3600


class Failure(StrEnum):
    """How a try failed; the words are stored with the push and shown with the Chinese text of `FAILURE_LABELS`."""

    TIMEOUT = "timeout"
    CONNECT = "connect"
    RESET = "reset"
    TLS = "tls"
    DNS = "dns"
    REFUSED_TARGET = "target_refused"
    PROTOCOL = "protocol"
    STATUS = "status"
    UNREADABLE = "unreadable"
    INTERNAL = "internal"


FAILURE_LABELS: dict[str, str] = {
    Failure.TIMEOUT: "超时未答复",
    Failure.CONNECT: "连接不上",
    Failure.RESET: "连接被对方中断",
    Failure.TLS: "对方证书或加密连接有问题",
    Failure.DNS: "主机名无法解析",
    Failure.REFUSED_TARGET: "接收地址不在允许名单内",
    Failure.PROTOCOL: "对方答复不是有效的 HTTP",
    Failure.STATUS: "对方返回失败状态码",
    Failure.UNREADABLE: "加密字段无法解开，请联系平台管理员",
    Failure.INTERNAL: "平台内部错误",
}


@dataclass(slots=True)
class Answer:
    """`code` is the HTTP status or None; `error` is empty on 2xx; `latency_ms` from connecting to the end of the answer.

    `excerpt` is the start of the answer's body as text (not yet masked); `retry_after` is in seconds, capped at one hour.
    """

    code: int | None
    error: str
    latency_ms: int
    excerpt: str = ""
    retry_after: int | None = None

    @property
    def ok(self) -> bool:
        """Success is 2xx and nothing else (Standard Webhooks; contract.md)."""
        return self.code is not None and 200 <= self.code < 300


def parse_retry_after(value: str | None, *, now: float | None = None) -> int | None:
    """Seconds to wait from a `Retry-After` header: a number or an HTTP date (RFC 9110 §10.2.3); None when unusable."""
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    wait = moment.timestamp() - (time.time() if now is None else now)
    return max(0, min(int(wait + 0.999), LONGEST_WAIT_SECONDS))
