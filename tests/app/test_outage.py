"""PostgreSQL goes away while the service runs, and comes back: known answers go on meanwhile."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.web import create_app
from app.wiring import Services
from tests.app.conftest import entry, fill, made, publish
from tests.databases import PostgresServer
from tests.relay import Relay, relayed
from tests.waiting import wait_for

POSTS = "/api/v1/courses/sample/posts"
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def relay_and_services(
    postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[tuple[Relay, Services]]:
    with relayed(postgres_server.migrated()) as (url, relay):
        services = made(tmp_path, DATABASE_URL=url)
        fill(services)
        yield relay, services
        services.database.dispose()


@pytest.fixture
def relay(relay_and_services: tuple[Relay, Services]) -> Relay:
    return relay_and_services[0]


@pytest.fixture
def services(relay_and_services: tuple[Relay, Services]) -> Services:
    return relay_and_services[1]


def revision(client: TestClient, **headers: str) -> Any:
    answer = client.get(POSTS, headers=headers)
    return answer.json()["revision"] if answer.status_code == 200 else None


def test_what_is_known_goes_on(
    client: TestClient, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    known = {path: client.get(path) for path in (POSTS, "/sample", "/sample/feed.atom")}
    caplog.set_level(logging.WARNING, "app.revisions")
    relay.cut()
    wait_for(lambda: "could not be read" in caplog.text)
    for path, before in known.items():
        after = client.get(path)
        assert (after.status_code, after.content) == (200, before.content)
        validator = {"If-None-Match": before.headers["etag"]}
        assert client.get(path, headers=validator).status_code == 304


def test_what_is_not_known_says_so_in_a_sentence(client: TestClient, relay: Relay) -> None:
    relay.cut()
    answer = client.get(f"{POSTS}?limit=3")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"] == "urn:moocfeed:problem:unavailable"
    page = client.get("/sample?limit=3", headers=BROWSER)
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "127.0.0.1" not in answer.text + page.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert "moocfeed_up 0.0" in client.get("/metrics").text


def test_it_is_as_before_when_the_database_is_back(
    client: TestClient, relay: Relay, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    before = revision(client)
    relay.cut()
    wait_for(lambda: "could not be read" in caplog.text)
    relay.mend()
    wait_for(lambda: client.get("/readyz").status_code == 200)
    assert len(client.get(f"{POSTS}?limit=3").json()["items"]) == 3
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu"))
    wait_for(lambda: revision(client) > before)
    assert caplog.text.count("could not be read") == 1


def test_it_may_be_away_at_the_start(relay: Relay, services: Services) -> None:
    relay.cut()
    with TestClient(create_app(services), base_url="http://testserver") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get(POSTS).status_code == 503
        relay.mend()
        wait_for(lambda: revision(client))
        wait_for(lambda: "etag" in client.get(POSTS).headers)
