"""Small servers on loopback that say whatever a test wants said, byte for byte."""

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from collectors.guard import parse_allow
from collectors.http import FetchPolicy

LOOPBACK = parse_allow("127.0.0.0/8")


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    target: str
    headers: dict[str, str]
    """Names in lower case, values as latin-1."""
    method: str = "GET"
    body: bytes = b""


@dataclass
class Site:
    """What a server is called, and what it saw."""

    host: str
    scheme: str = "http"
    port: int = 0
    connections: int = 0
    busy: int = 0
    most_busy: int = 0
    requests: list[Seen] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


TLS = Path(__file__).parents[1] / "fixtures" / "tls"
"""A certificate that signs itself, for 127.0.0.1 and blog.example."""


def _own_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    return context


def trusting() -> ssl.SSLContext:
    """A client's context that trusts the servers here, and nobody else."""
    return ssl.create_default_context(cafile=str(TLS / "certificate.pem"))


Piece = bytes | float | None
"""Bytes to send; seconds to wait; None to hang up."""
Answer = Callable[[Seen], bytes | Iterator[Piece]]


@contextlib.asynccontextmanager
async def serving(
    answer: Answer, host: str = "127.0.0.1", *, tls: bool = False
) -> AsyncIterator[Site]:
    """A server that answers each request on each connection with what `answer` returns."""
    site = Site(host, scheme="https" if tls else "http")
    tasks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        site.connections += 1
        # A handler that ends cancelled would be reported as a failed callback.
        ended = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*ended):
            while await _exchange(reader, writer, site, answer):
                pass
        writer.transport.abort()
        tasks.discard(task)

    server = await asyncio.start_server(connected, host, 0, ssl=_own_tls() if tls else None)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, site: Site, answer: Answer
) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    seen = Seen(first.split(" ")[1], headers, first.split(" ")[0], body)
    site.requests.append(seen)
    site.busy += 1
    site.most_busy = max(site.most_busy, site.busy)
    try:
        return await _say(answer(seen), writer)
    finally:
        site.busy -= 1


async def _say(said: bytes | Iterator[Piece], writer: asyncio.StreamWriter) -> bool:
    for piece in (said,) if isinstance(said, bytes) else said:
        if piece is None:
            return False
        if isinstance(piece, bytes):
            writer.write(piece)
            await writer.drain()
        else:
            await asyncio.sleep(piece)
    return True


def response(status: int, body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """An answer in the wire's form. Header values may hold any character of latin-1."""
    lines = [f"HTTP/1.1 {status} Reason", *headers]
    if length and status != 304:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(status: int, location: str) -> bytes:
    return response(status, b"over there", f"Location: {location}")


def policy(**changes: Any) -> FetchPolicy:
    """May reach loopback, and nothing else but public sites."""
    return replace(FetchPolicy("moocfeed/0 (+test)", LOOPBACK), **changes)


class Connects:
    """Records every address a socket of this process is told to connect to."""

    def __init__(self) -> None:
        self._recording: list[Any] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and self._recording is not None:
            self._recording.append(args[1])

    @contextlib.contextmanager
    def recorded(self) -> Iterator[list[Any]]:
        made: list[Any] = []
        self._recording = made
        try:
            yield made
        finally:
            self._recording = None


connects = Connects()
