"""Addresses no push may ever go to, whatever the allow-list says (reliability.md T30).

A cloud's metadata service hands out credentials to whoever asks from the machine itself. Some stand on link-local
addresses, others on ordinary-looking ones, which therefore are listed (providers' documentation).
"""

from __future__ import annotations

import ipaddress

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "100.100.100.0/24",  # metadata and DNS of Alibaba Cloud
        "168.63.129.16/32",  # Azure's host
        "192.0.0.0/24",  # protocol assignments, with Oracle's metadata
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with the broadcast address
        "::/128",
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, given up in RFC 3879
        "fd00:ec2::/32",  # metadata of Amazon
        "ff00::/8",  # multicast
        # IPv4 in the clothes of IPv6: the inner address would escape the comparison.
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)


def is_never_allowed(address: Address) -> bool:
    """Whether no allow-list may name this address: metadata, link-local, multicast; loopback except on a local machine."""
    if address.is_loopback:
        return not settings.LOCAL
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return True
    return any(address in network for network in NEVER if network.version == address.version)


def touches_never_allowed(network: Network) -> bool:
    """Whether a network holds any such address, so that it must be narrowed before it can be allowed."""
    if network.is_loopback:
        return not settings.LOCAL
    loopback = ipaddress.ip_network("127.0.0.0/8" if network.version == 4 else "::1/128")
    return any(network.overlaps(other) for other in (*NEVER, loopback) if other.version == network.version)
