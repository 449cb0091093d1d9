"""Counts what comes from one network, whatever addresses it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from .throttles import Limit

HOUR: Final = timedelta(hours=1)
# Of an IPv4 and of an IPv6 address: what one household has, and what its provider gives to neighbours.
OWN: Final = {4: 32, 6: 64}
NEIGHBOURHOOD: Final = {4: 24, 6: 48}


def allows(name: str, network_address: str | None, *, here: int, around: int) -> bool:
    """Counts it, unless its household or its neighbourhood has done it so often in an hour.

    Behind a local socket nobody has an address, and nobody is counted.
    """
    return all(limit.allows(network) for limit, network in _limits(name, network_address, here, around))


def _limits(name: str, network_address: str | None, here: int, around: int) -> Iterator[tuple[Limit, str]]:
    if not network_address:
        return
    address = ip_address(network_address)
    address = getattr(address, "ipv4_mapped", None) or address
    for where, most, length in (("here", here, OWN), ("around", around, NEIGHBOURHOOD)):
        network = ip_network((address, length[address.version]), strict=False)
        yield Limit(f"{name}-{where}", most, HOUR), str(network)
