"""The hub beside the collecting."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.jobs import telling
from app.wiring import Services
from models.store import intents
from tests.app.conftest import fill, made
from tests.app.hub.conftest import ask, subscriptions, write
from tests.servers.subscriber import subscriber
from tests.waiting import wait_for


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = made(tmp_path, FETCH_ALLOW="127.0.0.0/8")
    fill(services)
    yield services
    services.database.dispose()


def test_a_single_run_tells_what_is_due(client: TestClient, services: Services) -> None:
    with subscriber() as reader:
        asyncio.run(telling.once(services))
        ask(client, reader)
        asyncio.run(telling.once(services))
        assert len(subscriptions(services)) == 1
        write(services, 7)
        asyncio.run(telling.once(services))
        assert len(reader.deliveries) == 1


def test_it_goes_on_while_the_collecting_does(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PAUSE", 0.01)

    async def story() -> None:
        async with telling.going_on(services):
            ask(client, reader)
            await asyncio.to_thread(wait_for, lambda: subscriptions(services))
            write(services, 7)
            await asyncio.to_thread(wait_for, lambda: reader.deliveries)

    with subscriber() as reader:
        asyncio.run(story())


def test_without_a_public_address_nobody_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = made(tmp_path, PUBLIC_URL="http://127.0.0.1:8000")
    monkeypatch.delattr(telling, "_is_due")
    asyncio.run(telling.once(services))
    services.database.dispose()


def test_a_database_that_is_away_is_waited_for(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> bool:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(intents, "is_due", away)
    caplog.set_level(logging.WARNING)
    asyncio.run(telling.once(services))
    assert "waits for the database" in caplog.text
