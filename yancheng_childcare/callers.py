"""Who is calling: the one place that reads an address off a request.

`TRUSTED_PROXY_COUNT` (from `BEHIND_PROXY`) says how many proxies of ours stand in front. Each appends the address it
was called from to X-Forwarded-For, so what our outermost proxy saw stands that many places from the right; whatever
stands further left was typed by the caller and is never read.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings

from .crypto import blind_index

# What a caller without a readable address counts as: an address nobody has, so all of them share one.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nothing listens there
# Somebody else stands between the caller and us when one of these came along, whatever it says.
_FORWARDED = frozenset({
    "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP",
})  # fmt: skip


def caller_address(request: Any) -> str:
    """The caller's IP address in its shortest form; "0.0.0.0" when there is none to be known.

    Behind n proxies the n-th entry from the right of X-Forwarded-For, else the peer of the connection. When that entry
    is missing or no address, somebody passed a proxy by or it is set up wrongly: then all of them count as the peer.
    """
    entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies = int(settings.TRUSTED_PROXY_COUNT)
    named = _read(entries[-proxies]) if 0 < proxies <= len(entries) else None
    return str(named or _read(str(request.META.get("REMOTE_ADDR", ""))) or UNKNOWN)


def is_local(request: Any) -> bool:
    """Whether the request was made on this machine and came here directly.

    A proxy on this machine makes everybody's requests from here, so none that was forwarded counts.
    """
    if any(name in _FORWARDED or name.startswith("HTTP_X_FORWARDED") for name in request.META):
        return False
    peer = _read(str(request.META.get("REMOTE_ADDR", "")))
    return peer is not None and peer.is_loopback


def caller_network(request: Any) -> str:
    """What limits count by: an IPv4 address, or the /64 that one subscriber of IPv6 has for himself."""
    address = caller_address(request)
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address


def address_mark(address: str) -> str:
    """Keyed hash (HMAC-SM3, 64 hex digits) by which acts and logs name an address without giving it."""
    return blind_index(address.encode().hex(), "caller.address")


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address with or without port and brackets; the IPv4 address inside an IPv6 one. None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
