"""A web address taken apart: what a request needs of it."""

import re
from dataclasses import dataclass

import httpx2

PORTS = {"http": 80, "https": 443}

_USUAL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::(?P<port>[1-9]\d{1,4}))?"
    r"(?P<target>/(?:(?!/\.)[\w/.~?=&+,;:@-])*)",
    re.ASCII,
)
"""Addresses that stand as they are: most do, and `httpx2.URL` takes a twentieth of a fetch."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https address, in ASCII."""

    text: str
    """The whole of it."""
    scheme: str
    host: str
    """In lower case, IDNA; an IPv6 address without its brackets."""
    own_port: int | None
    """The port, unless it is the scheme's."""
    target: bytes
    """Path and query, as the request's first line has them."""

    def __str__(self) -> str:
        return self.text

    @property
    def port(self) -> int:
        return PORTS[self.scheme] if self.own_port is None else self.own_port

    @property
    def origin(self) -> tuple[str, str, int]:
        """RFC 6454 §4."""
        return self.scheme, self.host, self.port

    def netloc(self) -> str:
        """As a `Host` header has it (RFC 9110 §7.2), without a dot at the name's end."""
        host = self.host.removesuffix(".")
        named = f"[{host}]" if ":" in host else host
        return named if self.own_port is None else f"{named}:{self.own_port}"


def take_apart(url: str) -> WebAddress:
    """Raises `ValueError` for what is no http or https address."""
    usual = _USUAL.fullmatch(url)
    if usual is None:
        return _by_httpx(url)
    scheme, host, port, target = usual.group("scheme", "host", "port", "target")
    own_port = None if port is None or int(port) == PORTS[scheme] else int(port)
    if port is not None and own_port is None:
        return _by_httpx(url)
    return WebAddress(url, scheme, host, own_port, target.encode())


def _by_httpx(url: str) -> WebAddress:
    try:
        parts = httpx2.URL(url)
        if parts.scheme not in PORTS:
            raise ValueError(f"{parts.scheme!r} is not http or https")
        host = parts.raw_host.decode("ascii").lower()
    except httpx2.InvalidURL as error:
        raise ValueError(str(error)) from error
    return WebAddress(str(parts), parts.scheme, host, parts.port, parts.raw_path)
