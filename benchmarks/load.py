"""Load on a server: the same request over many connections, for a while.

By `wrk` where it is installed; otherwise by `python -m benchmarks.load`, which is slower, so that
only the server's CPU time for each request says much then.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import uvloop

from benchmarks.processes import environment

CONNECTIONS = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it."""

    requests: int
    seconds: float


def generator() -> str:
    """What puts the load on."""
    return "wrk" if shutil.which("wrk") else "a client of our own"


def put_on(port: int, path: str, headers: Mapping[str, str], seconds: int) -> Load:
    """Asks for so many seconds. Raises `RuntimeError` where anything but 2xx and 3xx came back."""
    way = _by_wrk if shutil.which("wrk") else _by_ourselves
    return way(f"http://127.0.0.1:{port}{path}", headers, seconds)


def _by_wrk(url: str, headers: Mapping[str, str], seconds: int) -> Load:
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *given, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    done = re.search(r"(\d+) requests in ([\d.]+)s", told)
    if done is None or "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"wrk says: {told}")
    return Load(int(done[1]), float(done[2]))


def _by_ourselves(url: str, headers: Mapping[str, str], seconds: int) -> Load:
    given = [f"{name}: {value}" for name, value in headers.items()]
    command = [sys.executable, "-m", "benchmarks.load", url, str(seconds), *given]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    requests, spent = told.stdout.split()
    return Load(int(requests), float(spent))


class _Client(asyncio.Protocol):
    """Asks again as soon as an answer is complete; all answers are as long as the first."""

    def __init__(self, request: bytes, length: int) -> None:
        self._request = request
        self._length = length
        self._missing = length
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._missing -= len(data)
        if self._missing <= 0:
            self.answers += 1
            self._missing = self._length
            self._transport.write(self._request)


async def _ask(url: str, seconds: float, headers: Sequence[str]) -> tuple[int, float]:
    host, _, rest = url.removeprefix("http://").partition("/")
    lines = [f"GET /{rest} HTTP/1.1", f"Host: {host}", *headers]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    name, _, port = host.partition(":")
    length = await _length(name, int(port), request)
    loop = asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: _Client(request, length), name, int(port))
        for _ in range(CONNECTIONS)
    ]
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    spent = time.perf_counter() - started
    for transport, _ in pairs:
        transport.abort()
    return sum(client.answers for _, client in pairs), spent


async def _length(host: str, port: int, request: bytes) -> int:
    """Of a whole answer, head and body."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 304")):
        raise RuntimeError(head.decode("latin-1"))
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    writer.close()
    is_empty = found is None or head.startswith(b"HTTP/1.1 304")
    return len(head) + (0 if is_empty or found is None else int(found[1]))


if __name__ == "__main__":
    print(*uvloop.run(_ask(sys.argv[1], float(sys.argv[2]), sys.argv[3:])))
