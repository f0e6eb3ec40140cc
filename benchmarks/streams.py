"""Open event streams: what they cost while nothing happens, and how soon all hear of a change."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

import psutil

from app.events import limits
from benchmarks.corpus.published import SLUG
from benchmarks.figures import Limit, Size, Table, seconds
from benchmarks.installation import Installation
from benchmarks.many import filled
from benchmarks.many.growing import Growing
from benchmarks.run import Run
from benchmarks.service import serving

STREAMS = {Size.FULL: 1000, Size.QUICK: 200, Size.TINY: 10}
POSTS = {Size.FULL: 1000, Size.QUICK: 100, Size.TINY: 10}
IDLE = {Size.FULL: 60, Size.QUICK: 20, Size.TINY: 1}
"""Seconds of silence; three heartbeats at full size."""
BURST = 20
LONGEST = 60.0
"""Seconds that anything may take here."""
REQUEST = f"GET /api/v1/courses/{SLUG}/events HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
_MARK = b"\nevent: "


class _Reader(asyncio.Protocol):
    """Counts the events that it is told, and knows when the last one came."""

    def __init__(self) -> None:
        self.events = 0
        self.at = 0.0
        self.is_open = False
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        text = self._tail + data
        self.is_open = self.is_open or b"\nid: " in text
        if found := text.count(_MARK):
            self.events += found
            self.at = time.perf_counter()
        self._tail = text[1 - len(_MARK) :]  # too short for a mark: none counts twice


@dataclass(frozen=True, slots=True)
class _Figures:
    bare: float
    """The server's share of a core without a stream."""
    idle: float
    """The same with all of them open."""
    memory: float
    """Bytes of the server for each stream."""
    one: list[float]
    """Seconds from the commit of one change until the last stream has it."""
    burst: float
    """The same, of twenty at once."""


def run(run: Run) -> Iterable[Table]:
    """One table."""
    limits.raise_descriptors()
    url = filled.sqlite(run, run.of(POSTS))
    installation = Installation(run.scratch("serve"), url)
    with serving(installation) as service, Growing(url) as growing:
        server = psutil.Process(service.process.pid)
        found = asyncio.run(_measured(run, service.port, server, growing))
    yield Table(
        "Event streams",
        ("", f"{run.of(STREAMS):,} streams"),
        [
            ("CPU without a stream", f"{found.bare:.2%} of a core"),
            ("CPU while nothing happens", f"{found.idle:.2%} of a core"),
            ("the server's memory for each", f"{found.memory / 1e3:.1f} kB"),
            ("one change, until all have it: median", seconds(median(found.one))),
            ("one change, until all have it: longest", seconds(max(found.one))),
            (f"{BURST} changes at once, until all have them", seconds(found.burst)),
        ],
        notes=[
            f"one web process, {run.of(IDLE)} s of silence; the readers are one process beside it;"
            " half a second at the most is the poll"
        ],
        limits=[
            Limit("CPU while nothing happens, in % of a core", found.idle * 100, 1),
            Limit("one change until all have it, in seconds", max(found.one), 1),
        ],
    )


async def _measured(run: Run, port: int, server: psutil.Process, growing: Growing) -> _Figures:
    run.say("event streams: none")
    bare = await _share(server, run.of(IDLE) / 2)
    memory = server.memory_info().rss
    run.say("event streams: open")
    readers = await _opened(port, run.of(STREAMS))
    idle = await _share(server, run.of(IDLE))
    memory = server.memory_info().rss - memory
    run.say("event streams: told")
    one = [await _told(readers, growing, 1) for _ in range(run.rounds_or(10))]
    burst = await _told(readers, growing, BURST)
    for reader in readers:
        reader.transport.abort()
    return _Figures(bare, idle, memory / len(readers), one, burst)


async def _opened(port: int, streams: int) -> list[_Reader]:
    loop = asyncio.get_running_loop()
    readers = []
    for _ in range(streams):
        _, reader = await loop.create_connection(_Reader, "127.0.0.1", port)
        readers.append(reader)
    await _until(lambda: all(reader.is_open for reader in readers))
    return readers


async def _share(server: psutil.Process, length: float) -> float:
    """Of a core, that the server takes for so many seconds."""
    before, started = server.cpu_times(), time.perf_counter()
    await asyncio.sleep(length)
    after, ended = server.cpu_times(), time.perf_counter()
    spent = after.user + after.system - before.user - before.system
    return spent / (ended - started)


async def _told(readers: list[_Reader], growing: Growing, posts: int) -> float:
    """Seconds from the commit of new posts until the last reader has heard of all."""
    before = readers[0].events
    await asyncio.to_thread(growing.grow, posts)
    started = time.perf_counter()
    await _until(lambda: all(reader.events >= before + posts for reader in readers))
    # A change may bring others along, of posts that it answers.
    await asyncio.sleep(0.6)
    return max(reader.at for reader in readers) - started


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(int(LONGEST / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise RuntimeError("the streams do not get there")
