"""Subscribing, writing, and a clock that is set by hand."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app import clock
from app.hub import distribution
from app.wiring import Services
from models.tables.subscribers import SubscriberTable
from tests.app.conftest import entry, publish
from tests.servers.subscriber import SECRET, Subscriber

HUB = "/websub/hub"
TOPIC = "http://testserver/sample/feed.rss"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Sets the hub's clock forward."""
    passed = timedelta()

    def forward(by: timedelta) -> None:
        nonlocal passed
        passed += by

    monkeypatch.setattr(distribution, "now", lambda: clock.now() + passed)
    return forward


def work(services: Services) -> None:
    """The hub, over all that is due."""

    async def once() -> None:
        async with distribution.running(services) as hub:
            await hub.once()

    asyncio.run(once())


def ask(client: TestClient, who: Subscriber, mode: str = "subscribe", **more: str) -> int:
    fields = {
        "hub.mode": mode,
        "hub.topic": TOPIC,
        "hub.callback": who.url,
        "hub.secret": SECRET,
        **{name.replace("_", ".", 1): value for name, value in more.items()},
    }
    return client.post(HUB, data=fields).status_code


def write(services: Services, number: int, **more: str) -> None:
    """Ben writes something."""
    at = clock.now() - timedelta(seconds=1)
    text = entry("ben.example", number, at, f"Neues {number}", **more)
    publish(services, "https://ben.example/feed", text)


def subscriptions(services: Services) -> list[SubscriberTable]:
    with services.database.reading() as session:
        return list(session.scalars(select(SubscriberTable)))


def the_end(services: Services) -> datetime:
    """When the only lease ends."""
    (one,) = subscriptions(services)
    return one.lease_until
