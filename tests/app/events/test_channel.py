"""One read of the change log for all that are at the same place."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError

from app.events import channel as channels
from app.events.channel import PAGES, Channel
from app.events.framing import Page
from models.store.courses import Version


def version(revision: int) -> Version:
    return Version(revision, datetime(2026, 11, 3, tzinfo=UTC), "Europe/Berlin")


@dataclass
class Reads:
    """What was read, and how many at once at the most."""

    of: list[int] = field(default_factory=list)
    failures: int = 0
    at_once: int = 0
    most: int = 0

    async def read(self, since: int) -> Page:
        self.of.append(since)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.failures:
            self.failures -= 1
            raise OperationalError("SELECT", {}, Exception("gone"))
        return Page(b"page %d" % len(self.of), 1, since + 1)

    def channel(self) -> Channel:
        return Channel(self.read, asyncio.Semaphore(2), version(9))


@dataclass(eq=False)
class Listener:
    heard: list[str] = field(default_factory=list)

    def wake(self) -> None:
        self.heard.append("news")

    def end(self) -> None:
        self.heard.append("end")


def test_read_once_for_all_at_the_same_place() -> None:
    async def story() -> None:
        reads = Reads()
        channel = reads.channel()
        found = await asyncio.gather(*(channel.after(7) for _ in range(100)))
        found.append(await channel.after(7))
        assert reads.of == [7]
        assert set(found) == {Page(b"page 1", 1, 8)}

    asyncio.run(story())


def test_few_reads_at_once_and_few_pages_kept() -> None:
    async def story() -> None:
        reads = Reads()
        channel = reads.channel()
        places = range(PAGES * 3)
        await asyncio.gather(*(channel.after(place) for place in places))
        assert reads.most == 2
        assert sorted(reads.of) == list(places)
        await channel.after(places[-1])
        await channel.after(places[0])
        assert reads.of[len(places) :] == [places[0]]

    asyncio.run(story())


def test_one_who_leaves_takes_nothing_away() -> None:
    async def story() -> None:
        channel = Reads().channel()
        leaving, staying = (asyncio.create_task(channel.after(7)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert (await staying).revision == 8

    asyncio.run(story())


def test_what_was_read_before_a_change_is_read_anew() -> None:
    """Else somebody would be sent what has been withdrawn since."""

    async def story() -> None:
        reads = Reads()
        channel, listener = reads.channel(), Listener()
        channel.listeners.add(listener)
        before = await channel.after(7)
        channel.move_on(version(9))
        assert await channel.after(7) is before
        assert listener.heard == []
        channel.move_on(version(10))
        assert await channel.after(7) != before
        assert (channel.revision, listener.heard) == (10, ["news"])

    asyncio.run(story())


def test_a_course_that_is_gone_ends_its_streams() -> None:
    async def story() -> None:
        channel, listener = Reads().channel(), Listener()
        channel.listeners.add(listener)
        channel.move_on(None)
        assert listener.heard == ["end"]

    asyncio.run(story())


def test_a_read_that_fails_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(channels, "PAUSE", 0)

    async def story() -> None:
        channel = Reads(failures=1).channel()
        found = await asyncio.gather(channel.after(7), channel.after(7))
        assert set(found) == {Page(b"", 0, 7)}
        assert (await channel.after(7)).revision == 8

    asyncio.run(story())
    assert caplog.text.count("could not be read: OperationalError") == 1
