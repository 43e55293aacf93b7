"""What a line of the allow-list may say, and whether its host lies where it says."""

from __future__ import annotations

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookupTimeout

from .client import TargetRefused, addresses_of, is_never_allowed, touches_never_allowed
from .models import AllowedTarget

# A network larger than this is no receiving system's any more.
SHORTEST_PREFIX = {4: 8, 6: 32}
LOOKUP_SECONDS = 2.0
_NEVER = "不能包含链路本地、云平台元数据、组播或保留地址（如 169.254.0.0/16）；本机地址只能用于本机演示。请改填接收系统所在的网段。"


def network_problem(host: str, cidr: str) -> tuple[str, str]:
    """(field, sentence) of what is wrong with host and network; ("", "") when nothing is."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return "cidr", "网段写法不对，例如 10.32.8.0/24，单个地址写 10.32.8.5/32。"
    if network.prefixlen < SHORTEST_PREFIX[network.version]:
        return "cidr", "网段太大，请写到接收系统所在的网段。"
    if touches_never_allowed(network):
        return "cidr", f"网段{_NEVER}"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "", ""
    if is_never_allowed(address):
        return "host", f"目标{_NEVER}"
    if address not in network:
        return "host", f"地址 {address} 不在网段 {network} 内，推送会被拒绝。请核对地址和网段。"
    return "", ""


def outside_network(row: AllowedTarget) -> str:
    """A sentence when the host's name now leads outside its network or nowhere; empty when all is well.

    Only a hint: the name may be known to the workers' machines alone, and two lines together may cover its addresses.
    """
    network = ipaddress.ip_network(row.cidr, strict=False)
    pool = ThreadPoolExecutor(1)
    try:
        # The resolver has no time limit of its own.
        found = pool.submit(addresses_of, row.host, row.port).result(timeout=LOOKUP_SECONDS)
    except (TargetRefused, LookupTimeout):
        return f"主机名 {row.host} 现在无法解析。请确认主机名，或联系网络管理员；解析成功前推送会等待。"
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    outside = [text for text in found if ipaddress.ip_address(text) not in network]
    if not outside:
        return ""
    return f"主机名 {row.host} 现在解析到 {'、'.join(outside)}，不在网段 {network} 内，推送会被拒绝。请核对后修改，或为该网段另行登记。"
