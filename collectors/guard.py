"""The address guard: where the fetcher may go, decided on the address it then connects to.

Names are resolved once, every address is checked, and the connection goes to one that was checked:
a name that resolves to something else a moment later gains nothing. Sources: the IANA registries of
special-purpose IPv4 and IPv6 addresses (RFC 6890), RFC 4291, 6052, 3056, 4380 for IPv4 within IPv6.
"""

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import httpcore2
import httpx2

from collectors.address import PORTS, WebAddress, take_apart
from collectors.connections import SocketStream, connect_timeout
from collectors.contract import CollectError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT, RFC 6598
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host services: a public address that is local on each machine
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
"""All that is given out; outside lie `::/96`, `::ffff:0:0/96`, NAT64, `5f00::/16`, `fec0::/10`."""
_REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""Third quarter of an address that ends in an IPv4 address, RFC 5214."""

_HAS_USERINFO = re.compile(r"[^/?#]*//[^/?#]*@")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCAL_SUFFIXES = frozenset({"internal", "local", "localhost"})


@dataclass(frozen=True, slots=True)
class AllowList:
    """What may be reached although it is private; the operator answers for it."""

    networks: tuple[tuple[Network, int | None], ...] = ()
    """With the only port that is meant, or None for any."""
    names: frozenset[tuple[str, int]] = frozenset()
    """Host names and ports: whatever these names resolve to, at this port."""

    def has(self, address: Address, port: int) -> bool:
        """Whether the address is in a network listed for this port."""
        return any(only in (None, port) and address in network for network, only in self.networks)

    def concerns(self, port: int) -> bool:
        """Whether anything at this port can be allowed."""
        return any(only in (None, port) for _, only in self.networks) or bool(self.hosts(port))

    def hosts(self, port: int) -> frozenset[str]:
        """The names listed with this port."""
        return frozenset(name for name, only in self.names if only == port)


def parse_allow(text: str) -> AllowList:
    """`MOOCFEED_FETCH_ALLOW`: CIDRs, addresses and `host:port`, separated by commas.

    Raises `ValueError` with the item that is none of these.
    """
    networks: list[tuple[Network, int | None]] = []
    names: set[tuple[str, int]] = set()
    for item in filter(None, map(str.strip, text.split(","))):
        network = _network(item)
        if network is not None:
            networks.append((network, None))
            continue
        host, port = _endpoint(item)
        address = _address(host)
        if address is None:
            names.add((host, port))
        else:
            networks.append((ip_network(address), port))
    return AllowList(tuple(networks), frozenset(names))


def _network(item: str) -> Network | None:
    try:
        return ip_network(item, strict=False)
    except ValueError:
        return None


def _endpoint(item: str) -> tuple[str, int]:
    problem = ValueError(f"{item!r} is neither a CIDR such as 10.0.0.0/8 nor host:port")
    try:
        url = httpx2.URL(f"//{item}")
    except httpx2.InvalidURL:
        raise problem from None
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    known = _address(host) is not None or _is_name(host)
    if not known or not url.port or url.port > 65535 or set(item) & set("/?#@"):
        raise problem
    return host, url.port


def is_public(ip: Address) -> bool:
    """Whether the address is globally reachable, and itself: no IPv4 address within IPv6."""
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _REFUSED_V4)
    if ip.scope_id is not None or ip not in _GLOBAL_V6:
        return False
    third_quarter = int(ip) >> 32 & 0xFFFFFFFF
    return third_quarter not in _ISATAP and not any(ip in network for network in _REFUSED_V6)


def refused() -> CollectError:
    """One sentence for every refusal: a stranger learns nothing of the network behind."""
    return CollectError(
        "refused-address",
        "This address is not fetched: only public web addresses are.",
        mend="Give the public http or https address of the site; whoever runs this service can "
        "permit others with MOOCFEED_FETCH_ALLOW.",
    )


def check_url(url: str, allow: AllowList) -> WebAddress:
    """The address taken apart, if its spelling alone does not forbid it; else `refused()`.

    Names still have to be resolved: what they resolve to is checked by `GuardedBackend`.
    """
    try:
        parts = take_apart(url)
    except ValueError:
        raise refused() from None
    host, port = parts.host.removesuffix("."), parts.port
    if _HAS_USERINFO.match(url) or not 0 < port < 65536:
        raise refused()
    address = _address(host)
    if address is None:
        fine = _is_name(host) and (_is_ordinary(host, port) or allow.concerns(port))
    else:
        fine = (is_public(address) and _is_ordinary(host, port)) or allow.concerns(port)
    if not fine or host.endswith(".onion"):
        raise refused()
    return parts


def is_reachable(url: str, allow: AllowList) -> bool:
    """Whether others could reach this address of ours, as far as it shows: it is no private one."""
    try:
        checked = check_url(url, allow)
    except CollectError:
        return False
    address = _address(checked.host)
    return address is None or is_public(address) or allow.has(address, checked.port)


@lru_cache(maxsize=1024)
def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """A DNS name; not what `inet_aton` would read as an IPv4 address (`127.1`, `0x7f000001`)."""
    labels = host.split(".")
    return (
        len(host) <= 253
        and all(map(_LABEL.fullmatch, labels))
        and _NUMBER.fullmatch(labels[-1]) is None
    )


def _is_ordinary(host: str, port: int) -> bool:
    """Whether a public site may be called so; all else only leads where the operator allowed."""
    if port not in PORTS.values():
        return False
    if _address(host) is not None:
        return True
    _, dot, suffix = host.rpartition(".")
    return bool(dot) and suffix not in _LOCAL_SUFFIXES and not host.endswith(".home.arpa")


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to checked addresses only; resolves in `threads` threads of its own.

    (asyncio's own executor is small, and shared: hanging look-ups would block everything else.)
    """

    def __init__(self, allow: AllowList, threads: int = 50) -> None:
        self._allow = allow
        self._resolvers = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    def close(self) -> None:
        """Gives up look-ups that have not begun."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `CollectError`: `refused-address`, `dns`, `connect`, `timeout`.

        `timeout` is for looking up, connecting and TLS together; the last two arguments are unused.
        """
        loop = asyncio.get_running_loop()
        connect_by = None if timeout is None else loop.time() + timeout
        try:
            async with asyncio.timeout_at(connect_by):
                addresses = await self._checked(host, port)
                sock = await _connect(host, addresses, port, connect_by)
        except TimeoutError:
            raise connect_timeout(host) from None
        return SocketStream(sock, host, connect_by)

    async def _checked(self, host: str, port: int) -> Sequence[Address]:
        """What the host resolves to; of these only the allowed ones, if there are any."""
        addresses = await self._resolve(host, port)
        allowed = [address for address in addresses if self._allow.has(address, port)]
        if allowed:
            return allowed
        if _is_ordinary(host, port) and all(map(is_public, addresses)):
            return addresses
        return await self._vouched(host, port, addresses)

    async def _vouched(self, host: str, port: int, addresses: Sequence[Address]) -> list[Address]:
        """Those that a name on the allow-list leads to; `refused()` if there are none."""
        names = self._allow.hosts(port)
        if host in names:
            return list(addresses)
        for name in names:
            same = [known for known in await self._resolve(name, port) if known in addresses]
            if same:
                return same
        raise refused()

    async def _resolve(self, host: str, port: int) -> list[Address]:
        address = _address(host)
        if address is not None:
            return [address]
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise CollectError(
                "dns", f"The name {host} cannot be found.", mend="Check the address's spelling."
            )
        return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


async def _connect(
    host: str, addresses: Sequence[Address], port: int, connect_by: float | None
) -> socket.socket:
    """Tries one after another, each with an equal share of the time that is left."""
    loop = asyncio.get_running_loop()
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share = None if connect_by is None else (connect_by - loop.time()) / left
        try:
            async with asyncio.timeout(share):
                return await _open_socket(address, port)
        except TimeoutError:
            if left == 1:
                raise
        except OSError:
            continue
    raise CollectError(
        "connect",
        f"{host} takes no connections.",
        mend="check that the address opens in a browser",
        passing=True,
    )


async def _open_socket(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock
