"""The courses' versions in memory: what the cache goes by."""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app import revisions
from app.revisions import Revisions
from app.wiring import Services
from models.store import courses
from tests.app.conftest import entry, publish
from tests.waiting import wait_for


def away(*_: object) -> None:
    raise OperationalError("SELECT", {}, Exception("gone"))


def test_nothing_is_known_before_the_first_poll(services: Services) -> None:
    found = Revisions(services.database)
    assert found.known == {}
    assert found.of("sample") is None
    assert found.of(None) is None


def test_a_change_is_seen_by_the_next_poll(services: Services) -> None:
    found = Revisions(services.database)
    asyncio.run(found.poll())
    before, everything = found.of("sample"), found.of(None)
    assert before is not None
    asyncio.run(found.poll())
    assert (found.of("sample"), found.of(None)) == (before, everything)
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu"))
    asyncio.run(found.poll())
    assert found.of("sample") != before
    assert found.of(None) != everything
    assert found.of("nobody") is None


def test_midnight_is_the_courses(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Revisions(services.database)
    asyncio.run(found.poll())
    versions = []
    for hour in (21, 22, 23):
        at = datetime(2026, 11, 3, hour, 30, tzinfo=UTC)
        monkeypatch.setattr(revisions, "now", lambda at=at: at)
        versions.append(found.of("sample"))
    before, still_before, after = versions
    assert before == still_before
    assert after != before
    assert date(2026, 11, 4) in (after or ())


def test_a_failing_poll_is_said_once_and_changes_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "app.revisions")
    found = Revisions(services.database)
    asyncio.run(found.poll())
    known = found.of("sample")
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(courses, "versions", away)
            for _ in range(3):
                asyncio.run(found.poll())
        assert found.of("sample") == known
        asyncio.run(found.poll())
    assert caplog.text.count("could not be read") == 2


def test_listeners_hear_of_every_poll_that_succeeds(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, heard = Revisions(services.database), []
    found.listen(lambda known: heard.append(known["sample"].revision))
    asyncio.run(found.poll())
    with monkeypatch.context() as patched:
        patched.setattr(courses, "versions", away)
        asyncio.run(found.poll())
    assert heard == [found.known["sample"].revision]


def test_it_polls_while_the_block_runs(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "INTERVAL", 0.01)

    async def story() -> None:
        found = Revisions(services.database)
        async with found.kept_fresh():
            before = found.of("sample")
            at = datetime.now(UTC) - timedelta(minutes=1)
            await asyncio.to_thread(
                publish, services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu")
            )
            await asyncio.to_thread(wait_for, lambda: found.of("sample") != before)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
