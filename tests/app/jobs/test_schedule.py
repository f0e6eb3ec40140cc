"""The clock of a collector."""

import asyncio
import logging

import pytest
from sqlalchemy.exc import OperationalError

from app.jobs import schedule
from app.wiring import Services
from models.store import schedule as stored


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
