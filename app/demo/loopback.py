"""One thread that serves many small sites over HTTP/1.1, each on its own port of 127.0.0.1."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """A GET or HEAD."""

    target: SplitResult
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; validators and `Content-Length` are added."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    modified: datetime | None = None
    """Makes the answer conditional: it gets an ETag and a Last-Modified."""
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[str, Request], Response]
"""From a site's name and a request to the answer. It runs in the server's thread."""


class Loopback:
    """Serves from `start` to `stop`."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sample-web", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    def start(self, sites: Iterable[str]) -> Mapping[str, str]:
        """Binds a free port for each site; returns their origins."""
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._listen(sites), self._loop).result()

    def stop(self) -> None:
        """Closes every port and connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self, sites: Iterable[str]) -> Mapping[str, str]:
        origins: dict[str, str] = {}
        for site in sites:
            server = await asyncio.start_server(partial(self._connected, site), HOST, 0)
            self._servers.append(server)
            origins[site] = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        return origins

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # Transports that were aborted close their sockets in the loop's next rounds.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _connected(
        self, site: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        # A handler that ends cancelled would be reported as a failed callback.
        ended = (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError)
        with contextlib.suppress(*ended):
            while await self._exchange(site, reader, writer):
                pass
        writer.transport.abort()
        self._connections.discard(task)

    async def _exchange(
        self, site: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request and its answer; whether another may follow."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        writer.write(self._answer(site, method, Request(urlsplit(target), headers)))
        await writer.drain()
        return headers.get("connection", "").lower() != "close"

    def _answer(self, site: str, method: str, request: Request) -> bytes:
        if method not in {"GET", "HEAD"}:
            return _bytes(Response(status=405), request, with_body=True)
        response = self._handler(site, request)
        return _bytes(response, request, with_body=method == "GET")


def _bytes(response: Response, request: Request, *, with_body: bool) -> bytes:
    headers = {"Content-Type": response.content_type, **response.headers}
    status, body = response.status, response.body
    if response.modified is not None and status == 200:
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = etag
        headers["Last-Modified"] = format_datetime(response.modified.astimezone(UTC), usegmt=True)
        if _is_known(request.headers, etag, response.modified):
            status, body = 304, b""
    if status != 304:
        headers["Content-Length"] = str(len(body))
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body if with_body else b"")


def _is_known(headers: Mapping[str, str], etag: str, modified: datetime) -> bool:
    """RFC 9110 13.2.2: where there is an If-None-Match, the date counts for nothing."""
    if known := headers.get("if-none-match"):
        return etag in (each.strip().removeprefix("W/") for each in known.split(","))
    try:
        since = parsedate_to_datetime(headers["if-modified-since"])
    except (KeyError, ValueError):
        return False
    return modified.replace(microsecond=0) <= since
