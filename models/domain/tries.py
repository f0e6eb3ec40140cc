"""How often a login may be tried: ten times within five minutes, then no more for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

MOST = 10
WITHIN = timedelta(minutes=5)


def recent(tries: Sequence[datetime], now: datetime) -> list[datetime]:
    """Those that still count, oldest first."""
    return sorted(at for at in tries if now - WITHIN < at)


def free_at(tries: Sequence[datetime], now: datetime) -> datetime | None:
    """When the next try is allowed; None: now."""
    counting = recent(tries, now)
    return counting[-MOST] + WITHIN if len(counting) >= MOST else None


def origin(host: str) -> str:
    """What counts as one address: of IPv6 the /64 that a subscriber has (RFC 6177), of mapped ones
    the IPv4 address. What is no address stands for itself.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), 64), strict=False))
    return str(address)
