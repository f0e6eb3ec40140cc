"""The clock of a collector."""

import asyncio
import logging

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.clock import now
from app.jobs import schedule
from app.wiring import Services
from models.domain.access import ABSOLUTE, kept_of
from models.store import schedule as stored
from models.store import sessions, tries, users
from models.tables.users import LoginTriesTable, SessionTable
from tests.app.people import ADA, user


def test_it_ticks(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "TICK", 0.01)

    async def story() -> int:
        ticks = 0
        enough = asyncio.Event()

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            if ticks == 3:
                enough.set()

        clock = schedule.start(services.database, tick)
        async with asyncio.timeout(30):
            await enough.wait()
        clock.shutdown(wait=False)
        return ticks

    assert asyncio.run(story()) >= 3


def test_pruning_waits_where_the_database_is_away(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("gone"))

    caplog.set_level(logging.WARNING)
    schedule._prune(services.database)
    assert caplog.text == ""
    monkeypatch.setattr(stored, "prune_fetches", away)
    schedule._prune(services.database)
    assert "could not be pruned" in caplog.text


def test_sessions_and_tries_that_are_over_are_pruned(services: Services) -> None:
    user(services)
    at = now() - ABSOLUTE
    with services.database.writing() as session:
        owner = users.get(session, ADA).user.id
        sessions.begin(session, owner, "old", at)
        sessions.begin(session, owner, "new", now())
        tries.begin(session, ADA, "192.0.2.7", at)
    schedule._prune(services.database)
    with services.database.reading() as session:
        kept = session.scalars(select(SessionTable.hash)).all()
        assert kept == [kept_of("new")]
        assert session.scalars(select(LoginTriesTable)).all() == []
