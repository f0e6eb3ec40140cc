"""Any changes, any disconnects, anywhere: every change is told once, in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from app.api.metrics import Metrics
from app.events import framing
from app.events.channel import Channel
from app.events.framing import Page
from app.events.stream import Stream
from models.store.courses import Version
from models.store.rows import Change
from tests.app.events.reading import Reader


def version(revision: int) -> Version:
    return Version(revision, datetime(2026, 11, 3, tzinfo=UTC), "Europe/Berlin")


@dataclass
class Log:
    """A change log in memory, and a process that knows it up to `known`."""

    changes: list[Change] = field(default_factory=list)
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        self.channel = Channel(self.read, asyncio.Semaphore(2), version(0))

    def write(self, sizes: list[int]) -> None:
        for size in sizes:
            revision = len(self.changes) + 1
            self.changes.append(Change(revision, "change", "x" * size, None))

    async def read(self, since: int) -> Page:
        await asyncio.sleep(0)
        found = self.changes[since : since + framing.PAGE]
        if found:
            return framing.page(found)
        last = len(self.changes)
        return Page(framing.place(last) if last < since else b"", 0, last)

    def poll(self) -> None:
        self.channel.move_on(version(len(self.changes)))


@dataclass
class Connection:
    """A stream whose reader takes `room` bytes, and then loses the connection."""

    log: Log
    reader: Reader
    room: int
    task: "asyncio.Task[None]" = field(init=False)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reader.connect()
        position = None if self.reader.last is None else int(self.reader.last)
        stream = Stream(self.log.channel, position, self.send, Metrics())
        self.log.channel.listeners.add(stream)
        self.task = asyncio.create_task(stream.run(self.receive))
        self.task.add_done_callback(lambda _: self.log.channel.listeners.discard(stream))

    async def receive(self) -> Message:
        await self.lost.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        body = message["body"][: self.room]
        self.room -= len(body)
        self.reader.feed(body)
        if self.room <= 0:
            self.lost.set()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it does not happen")


Step = tuple[list[int], bool, int, int]
"""Changes by size; whether this process hears of them; turns of the event loop that pass; bytes
that the reader takes until it is cut.
"""
STEPS = st.lists(
    st.tuples(
        st.lists(st.sampled_from([1, 100, framing.PAGE_BYTES // 3]), max_size=30),
        st.booleans(),
        st.integers(0, 20),
        st.integers(0, 5 * framing.PAGE_BYTES),
    ),
    max_size=8,
)


def is_exact(reader: Reader) -> bool:
    """Whether it heard every change since its begin once, in order."""
    begin = reader.begin or 0
    return reader.revisions == list(range(begin + 1, begin + 1 + len(reader.told)))


async def live_through(steps: list[Step], last: str | None) -> None:
    log, reader = Log(), Reader(last=last)
    for sizes, is_heard, turns, room in steps:
        connection = Connection(log, reader, room)
        log.write(sizes)
        if is_heard:
            log.poll()
        for _ in range(turns):
            await asyncio.sleep(0)
        connection.lost.set()
        await connection.task
        assert is_exact(reader)
    log.poll()
    connection = Connection(log, reader, 10**9)
    await until(lambda: reader.last == str(len(log.changes)))
    connection.lost.set()
    await connection.task
    assert is_exact(reader)
    assert reader.begin is not None
    told = [told.data["id"] for told in reader.told]
    assert told == [change.id for change in log.changes[reader.begin :]]


@settings(max_examples=100)
@given(steps=STEPS, last=st.sampled_from([None, "0"]))
def test_every_change_once_and_in_order(steps: list[Step], last: str | None) -> None:
    asyncio.run(live_through(steps, last))


@settings(max_examples=30)
@given(rooms=st.lists(st.integers(0, 400_000), min_size=1, max_size=12))
def test_many_readers_in_their_own_time(rooms: list[int]) -> None:
    """Each is cut once, somewhere; all of them hear everything."""

    async def story() -> None:
        log = Log()
        readers = [Reader(last="0") for _ in rooms]
        first = [Connection(log, *each) for each in zip(readers, rooms, strict=True)]
        for _ in range(4):
            log.write([10, 20_000, 30_000] * 5)
            log.poll()
            await asyncio.sleep(0)
        for connection in first:
            connection.lost.set()
        await asyncio.gather(*(connection.task for connection in first))
        again = [Connection(log, reader, 10**9) for reader in readers]
        await until(lambda: all(len(reader.told) == 60 for reader in readers))
        for connection in again:
            connection.lost.set()
        await asyncio.gather(*(connection.task for connection in again))
        assert all(reader.revisions == list(range(1, 61)) for reader in readers)

    asyncio.run(story())


def told_after(last: str | None, known: int, stored: int) -> Reader:
    """What a reader hears at a process that knows less than is stored, and then all of it."""

    async def story() -> Reader:
        log, reader = Log(), Reader(last=last)
        log.write([1] * known)
        log.poll()
        log.write([1] * (stored - known))
        connection = Connection(log, reader, 10**9)
        await until(lambda: reader.last is not None)
        log.poll()
        await until(lambda: reader.last == str(stored))
        connection.lost.set()
        await connection.task
        return reader

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, [7]), ("4", [5, 6, 7]), ("6", [7]), ("7", []), ("0", [*range(1, 8)])],
)
def test_another_process_may_have_told_more(last: str | None, expected: list[int]) -> None:
    assert told_after(last, known=6, stored=7).revisions == expected


def test_who_is_where_the_course_never_was_goes_on_from_where_it_is() -> None:
    """As after an older copy of the database was put back."""

    async def story() -> None:
        log, reader = Log(), Reader(last="50")
        log.write([1] * 3)
        log.poll()
        connection = Connection(log, reader, 10**9)
        await until(lambda: reader.last == "3")
        connection.lost.set()
        await connection.task
        assert reader.told == []

    asyncio.run(story())
