"""The leases of one collector, against what others do in the same database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from collectors.hosts import HostBusy, Hosts
from collectors.storing import LeaseLost
from collectors.writer import Writer
from models.store import leases
from models.store.engine import Database
from models.store.leases import LEASE
from models.tables.sources import HostTable
from tests.collectors.courses import BEGIN

HOST = "a.example"


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def holding(
    database: Database, clock: Callable[[], datetime], patience: float = 0
) -> AsyncIterator[Hosts]:
    writer = Writer(database)
    yield Hosts(writer, clock, patience=patience)
    await asyncio.to_thread(writer.close)


def take(database: Database, now: datetime) -> str | None:
    with database.writing() as session:
        return leases.take(session, HOST, now)


def test_a_lease_is_held_within_and_given_back_after(database: Database) -> None:
    async def scenario() -> None:
        async with holding(database, Clock()) as hosts:
            async with hosts.lease(HOST):
                assert take(database, BEGIN) is None
                with pytest.raises(HostBusy) as caught:
                    async with hosts.lease(HOST):
                        pass
                assert (caught.value.host, caught.value.code) == (HOST, "host-busy")
            assert take(database, BEGIN) is not None

    asyncio.run(scenario())


def test_who_waits_gets_it_when_it_is_given_back(database: Database) -> None:
    async def scenario() -> None:
        async with holding(database, Clock(), patience=20) as hosts:
            async with hosts.lease(HOST):
                second = asyncio.create_task(_take_and_leave(hosts))
                await asyncio.sleep(0)
            await second

    asyncio.run(scenario())


async def _take_and_leave(hosts: Hosts) -> None:
    async with hosts.lease(HOST):
        pass


def test_nobody_waits_for_a_host_that_rests(database: Database) -> None:
    with database.writing() as session:
        leases.ensure_host(session, HOST)
        leases.wait_until(session, HOST, BEGIN + timedelta(hours=1))

    async def scenario() -> None:
        async with holding(database, Clock(), patience=1e6) as hosts:
            with pytest.raises(HostBusy):
                await _take_and_leave(hosts)

    asyncio.run(scenario())


def test_what_is_held_is_renewed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.hosts.HEARTBEAT", 0.01)

    async def scenario() -> None:
        clock = Clock()
        async with holding(database, clock) as hosts, hosts.lease(HOST):
            heart = asyncio.create_task(hosts.keep())
            for _ in range(5):
                clock.now += LEASE - timedelta(seconds=1)
                await _beats(database, clock.now)
            assert take(database, clock.now) is None
            heart.cancel()

    asyncio.run(scenario())


async def _beats(database: Database, now: datetime) -> None:
    """Until the lease has been renewed at `now`."""
    async with asyncio.timeout(20):
        while _until(database) != now + LEASE:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


def _until(database: Database) -> datetime | None:
    with database.reading() as session:
        row = session.get(HostTable, HOST)
        return row.lease_until if row else None


def test_after_a_pause_a_lease_is_not_relied_upon(database: Database) -> None:
    """As of a laptop that was closed: the heart did not beat, and others went on."""

    async def scenario() -> None:
        clock = Clock()
        async with holding(database, clock) as hosts:
            token = take(database, clock.now) or ""
            mine = HOST, token
            hosts.hold([mine], clock.now)
            await hosts.require(mine)
            clock.now += 2 * LEASE
            await hosts.require(mine)  # nobody has taken it: it is renewed
            assert _until(database) == clock.now + LEASE
            clock.now += 2 * LEASE
            assert take(database, clock.now) is not None
            with pytest.raises(LeaseLost):
                await hosts.require(mine)
            with pytest.raises(LeaseLost):
                await hosts.require(mine)

    asyncio.run(scenario())


def test_while_it_may_not_have_run_out_nothing_is_asked(database: Database) -> None:
    async def scenario() -> None:
        clock = Clock()
        async with holding(database, clock) as hosts:
            mine = HOST, take(database, clock.now) or ""
            hosts.hold([mine], clock.now)
            with database.writing() as session:
                session.execute(update(HostTable).values(lease_token="another"))
            clock.now += LEASE / 2
            await hosts.require(mine)  # the outcome is checked in any case

    asyncio.run(scenario())


def test_all_is_given_back_at_the_end(database: Database) -> None:
    async def scenario() -> None:
        async with holding(database, Clock()) as hosts:
            hosts.hold([(HOST, take(database, BEGIN) or "")], BEGIN)
            await hosts.release_all()
        assert take(database, BEGIN) is not None

    asyncio.run(scenario())
