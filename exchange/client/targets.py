"""Where we may connect (reliability.md T30): a department's allow-list of host, port and network, checked at every connect.

Government receivers stand on private networks, so "no private addresses" is no use: only what an administrator has
allowed by name *and* network is reached. The name is resolved once, every answer must lie in an allowed network, and the
connection goes to exactly the checked address, so a second DNS answer changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from yancheng_childcare.problems import Problem, Rejected

from .. import error_codes as codes
from .addresses import Address, Network, is_never_allowed

_URL = re.compile(
    r"(?P<scheme>[a-z]{1,8})://(?P<authority>[^/?#]{1,300})(?P<path>/[A-Za-z0-9/._~!$&'()*+,;=:@%-]*)?"
    r"(?P<query>\?[A-Za-z0-9/?._~!$&'()*+,;=:@%-]*)?"
)
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
# Old libraries read a host that ends in a number (also octal or hexadecimal) as an IPv4 address.
_NUMBER_AT_END = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$")
_MESSAGES = {
    codes.TARGET_MALFORMED: "接收地址不是完整的网址。请填写如 https://gate.example.gov.cn/webhooks 的地址。",
    codes.TARGET_SCHEME: "接收地址必须以 https:// 开头。",
    codes.TARGET_USER_PART: "接收地址不能带用户名、密码或 # 片段。请去掉后再提交。",
    codes.TARGET_NOT_ALLOWED: "接收地址的主机和端口不在本部门的允许名单里。请先由平台管理员登记允许的目标。",
    codes.TARGET_PLAIN_HTTP: "该主机没有获准使用不加密的 http。请改用 https，或由平台管理员为本机演示、专网前置机单独登记。",
    codes.TARGET_UNRESOLVED: "接收地址的主机名无法解析。请检查主机名，或联系网络管理员。",
    codes.TARGET_ADDRESS: "主机名解析到了允许网段以外的地址，不能连接。请核对允许名单中的网段。",
}


class TargetRefused(Exception):
    """A place we must not connect to; `code` is one of the EXC-00x codes."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)

    def as_rejected(self, field: str = "url") -> Rejected:
        """The same for a person who typed the address."""
        return Rejected(Problem(self.code, field, _MESSAGES[self.code]))


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of a department's allow-list."""

    host: str
    port: int
    network: Network
    plain_http: bool

    @classmethod
    def of(cls, row: Any) -> Allowed:
        """From an `AllowedTarget` row. Raises ValueError for a network that is none."""
        return cls(row.host.lower(), row.port, ipaddress.ip_network(row.cidr, strict=False), row.plain_http)


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed receiving address; `path` includes the query, `host_header` is what goes into `Host`."""

    secure: bool
    host: str
    port: int
    path: str
    host_header: str


def parse(url: str) -> Target:
    """Take an address apart, strictly. Raises TargetRefused: what two parsers could read differently is refused."""
    found = _URL.fullmatch(url) if url.isascii() else None
    if found is None:
        raise TargetRefused(codes.TARGET_USER_PART if "#" in url else codes.TARGET_MALFORMED)
    if found["scheme"] not in {"https", "http"}:
        raise TargetRefused(codes.TARGET_SCHEME)
    authority = found["authority"]
    if "@" in authority:
        raise TargetRefused(codes.TARGET_USER_PART)
    host, port = _host_and_port(authority, 443 if found["scheme"] == "https" else 80)
    return Target(found["scheme"] == "https", host, port, (found["path"] or "/") + (found["query"] or ""), authority)


def _host_and_port(authority: str, default: int) -> tuple[str, int]:
    bracketed = re.fullmatch(r"\[([0-9a-f:.]{2,45})\](?::(\d{1,5}))?", authority)
    plain = None if bracketed else re.fullmatch(r"([^\[\]:]+)(?::(\d{1,5}))?", authority)
    found = bracketed or plain
    if found is None:
        raise TargetRefused(codes.TARGET_MALFORMED)
    host, port = found[1], int(found[2] or default)
    if not 1 <= port <= 65535:
        raise TargetRefused(codes.TARGET_MALFORMED)
    if bracketed:
        literal = _address(host)
        if not isinstance(literal, ipaddress.IPv6Address) or literal.ipv4_mapped or str(literal) != host:
            raise TargetRefused(codes.TARGET_MALFORMED)
    elif not _NAME.fullmatch(host) or (_NUMBER_AT_END.search(host) and str(_address(host)) != host):
        raise TargetRefused(codes.TARGET_MALFORMED)
    return host, port


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def matching(target: Target, allowed: Iterable[Allowed]) -> tuple[Allowed, ...]:
    """The allow-list's lines for this host and port. Raises TargetRefused when there is none for this kind of transport."""
    lines = tuple(line for line in allowed if line.host == target.host and line.port == target.port)
    if not lines:
        raise TargetRefused(codes.TARGET_NOT_ALLOWED)
    if not target.secure:
        lines = tuple(line for line in lines if line.plain_http)
        if not lines:
            raise TargetRefused(codes.TARGET_PLAIN_HTTP)
    return lines


def _reachable(address: Address, lines: Iterable[Allowed]) -> bool:
    """In an allowed network. Loopback only where the allowed network is loopback itself; metadata and multicast never."""
    if is_never_allowed(address):
        return False
    return any(
        address in line.network and (not address.is_loopback or line.network.is_loopback)
        for line in lines
        if line.network.version == address.version
    )


def addresses_of(host: str, port: int, *, lookup: Callable[..., Any] | None = None) -> list[str]:
    """The addresses a name has now, each once. Raises TargetRefused when it has none."""
    try:
        answers = (lookup or socket.getaddrinfo)(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TargetRefused(codes.TARGET_UNRESOLVED) from None
    addresses = list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))
    if not addresses:
        raise TargetRefused(codes.TARGET_UNRESOLVED)
    return addresses


def resolve(target: Target, allowed: Iterable[Allowed], *, lookup: Callable[..., Any] | None = None) -> str:
    """The one address to connect to. Every address the name has must be allowed, or none is used.

    Raises TargetRefused. `lookup` is `socket.getaddrinfo` unless a test replaces it.
    """
    lines = matching(target, allowed)
    addresses = addresses_of(target.host, target.port, lookup=lookup)
    for text in addresses:
        address = _address(text)
        if address is None or not _reachable(address, lines):
            raise TargetRefused(codes.TARGET_ADDRESS)
    return addresses[0]


def check_url(url: str, allowed: Iterable[Allowed]) -> Target:
    """For forms and the API: the address has a good shape and stands on the allow-list. Raises Rejected in Chinese."""
    try:
        target = parse(url)
        matching(target, allowed)
    except TargetRefused as refused:
        raise refused.as_rejected() from None
    return target
