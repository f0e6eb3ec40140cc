"""The one writer of a collector: what is put together is written together."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from collectors.writer import LONGEST_WAIT, MOST, Writer
from models.store import engine, leases, schema
from models.store.engine import Database
from models.tables.sources import HostTable
from tests import databases


class Handlers:
    """Handlers that hold the writer up, or note what they were given."""

    def __init__(self) -> None:
        self.busy = threading.Event()
        self.let_go = threading.Event()
        self.batches: list[list[str]] = []

    def hold(self, session: Session, items: Sequence[str]) -> list[None]:
        self.busy.set()
        assert self.let_go.wait(20)
        return [None] * len(items)

    async def is_busy(self) -> None:
        """What is put from now on is not in the transaction of `hold`."""
        assert await asyncio.to_thread(self.busy.wait, 20)

    def add(self, session: Session, items: Sequence[str]) -> list[str]:
        self.batches.append(list(items))
        for item in items:
            if item == "bad":
                session.execute(text("INSERT INTO hosts (host) VALUES (NULL)"))
            leases.ensure_host(session, item)
        return [f"{item}!" for item in items]


def hosts(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(HostTable)) or 0


def put_together(
    database: Database, items: Sequence[str], handlers: Handlers
) -> list[str | BaseException]:
    """What comes of items that are put while the writer is busy."""

    async def scenario() -> list[str | BaseException]:
        writer = Writer(database)
        held = asyncio.create_task(writer.put(handlers.hold, "x"))
        await handlers.is_busy()
        putting = [asyncio.create_task(writer.put(handlers.add, item)) for item in items]
        await asyncio.sleep(0)
        handlers.let_go.set()
        await held
        results = await asyncio.gather(*putting, return_exceptions=True)
        await asyncio.to_thread(writer.close)
        return results

    return asyncio.run(scenario())


def test_items_are_written_together_and_each_gets_its_result(database: Database) -> None:
    handlers = Handlers()
    items = [f"host{number}" for number in range(MOST + 20)]
    assert put_together(database, items, handlers) == [f"{item}!" for item in items]
    assert len(handlers.batches) <= 3
    assert max(map(len, handlers.batches)) <= MOST
    assert hosts(database) == len(items)


def test_what_comes_soon_after_a_transaction_is_written_with_what_came_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    is_put = threading.Event()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        assert len(waits) == 1 or is_put.wait(20)

    async def scenario() -> None:
        handlers, writer = Handlers(), Writer(database)
        await writer.put(handlers.add, "first")
        putting = [asyncio.create_task(writer.put(handlers.add, name)) for name in ("a", "b")]
        await asyncio.sleep(0)
        is_put.set()
        await asyncio.gather(*putting)
        await asyncio.to_thread(writer.close)
        assert handlers.batches == [["first"], ["a", "b"]]

    monkeypatch.setattr("collectors.writer.sleep", wait)
    asyncio.run(scenario())
    first, then = waits
    assert first == 0
    assert 0 < then <= LONGEST_WAIT


def test_one_at_fault_fails_alone(database: Database) -> None:
    first, bad, last = put_together(database, ["a", "bad", "c"], Handlers())
    assert (first, last) == ("a!", "c!")
    assert isinstance(bad, IntegrityError)
    assert hosts(database) == 2


def test_while_the_database_is_away_all_fail_at_once_and_later_ones_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.5)
    tries: list[str] = []
    real = Database.writing

    def counted(self: Database) -> AbstractContextManager[Session]:
        tries.append("")
        return real(self)

    async def put(writer: Writer) -> set[type]:
        items = [f"host{number}" for number in range(50)]
        putting = (writer.put(Handlers().add, item) for item in items)
        return set(map(type, await asyncio.gather(*putting, return_exceptions=True)))

    async def scenario(database: Database) -> None:
        writer = Writer(database)
        with real(database) as other:
            other.execute(delete(HostTable))
            monkeypatch.setattr(Database, "writing", counted)
            assert await put(writer) == {OperationalError}
        # The first may be tried alone; then all together, and whether it is there at all.
        assert len(tries) <= 4
        assert await put(writer) == {str}
        await asyncio.to_thread(writer.close)

    with databases.opened(databases.sqlite_url(tmp_path)) as database:
        schema.migrate(database)
        asyncio.run(scenario(database))


def test_who_no_longer_waits_is_passed_over(database: Database) -> None:
    async def scenario() -> None:
        handlers, writer = Handlers(), Writer(database)
        held = asyncio.create_task(writer.put(handlers.hold, "x"))
        await handlers.is_busy()
        gone = asyncio.create_task(writer.put(handlers.add, "gone"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])  # before that, the writer may not know yet
        handlers.let_go.set()
        await held
        assert await writer.put(handlers.add, "here") == "here!"
        assert handlers.batches == [["here"]]
        await asyncio.to_thread(writer.close)

    asyncio.run(scenario())


def test_closing_writes_what_was_put_and_takes_no_more(database: Database) -> None:
    async def scenario() -> None:
        handlers, writer = Handlers(), Writer(database)
        held = asyncio.create_task(writer.put(handlers.hold, "x"))
        late = asyncio.create_task(writer.put(handlers.add, "late"))
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(writer.close))
        await asyncio.sleep(0)
        handlers.let_go.set()
        await closing
        await held
        assert await late == "late!"
        with pytest.raises(RuntimeError, match="closed"):
            await writer.put(handlers.add, "too late")

    asyncio.run(scenario())
