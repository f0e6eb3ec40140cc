"""Requests to the hub, as friendly and as hostile subscribers send them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.hub import routes
from app.web import create_app
from app.wiring import Services
from collectors.vault import Vault
from models.store import intents
from models.tables.subscribers import IntentTable, SubscriberTable
from tests.app.conftest import fill, made

TOPIC = "http://testserver/sample/feed.rss"
CALLBACK = "https://reader.example/callback?id=7"


def ask(client: TestClient, **changes: str) -> tuple[int, str]:
    fields = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": CALLBACK,
        **{name.replace("_", ".", 1): value for name, value in changes.items()},
    }
    answer = client.post("/websub/hub", data=fields)
    return answer.status_code, answer.text


def waiting(services: Services) -> list[IntentTable]:
    with services.database.reading() as session:
        return list(session.scalars(select(IntentTable)))


def test_a_request_waits_to_be_verified(client: TestClient, services: Services) -> None:
    assert ask(client, hub_secret="geheim", hub_lease_seconds="86400")[0] == 202
    (one,) = waiting(services)
    assert (one.mode, one.topic, one.callback) == ("subscribe", TOPIC, CALLBACK)
    assert (one.host, one.lease_seconds) == ("reader.example", 86_400)
    assert one.secret is not None
    assert "geheim" not in one.secret
    assert Vault(services.settings.secret_key).open(one.secret) == "geheim"
    with services.database.reading() as session:
        assert session.scalars(select(SubscriberTable)).all() == []


def test_a_later_request_takes_the_place_of_an_earlier_one(
    client: TestClient, services: Services
) -> None:
    ask(client)
    ask(client, hub_mode="unsubscribe")
    assert [one.mode for one in waiting(services)] == ["unsubscribe"]


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"hub_mode": "publish"}, 400, "hub.mode"),
        ({"hub_mode": ""}, 400, "hub.mode"),
        ({"hub_topic": "https://else.example/feed.rss"}, 404, "hub.topic"),
        ({"hub_topic": "http://testserver/nobody/feed.rss"}, 404, "hub.topic"),
        ({"hub_topic": f"{TOPIC}?cursor=x"}, 404, "hub.topic"),
        ({"hub_callback": ""}, 400, "hub.callback"),
        ({"hub_callback": "ftp://reader.example/"}, 400, "hub.callback"),
        ({"hub_callback": "https://reader.example/#x"}, 400, "hub.callback"),
        ({"hub_callback": "https://u:p@reader.example/"}, 400, "hub.callback"),
        ({"hub_callback": "http://10.0.0.1/"}, 400, "hub.callback"),
        ({"hub_callback": "http://127.0.0.1:5432/"}, 400, "hub.callback"),
        ({"hub_callback": "https://reader.example/" + "x" * 1000}, 400, "hub.callback"),
        ({"hub_secret": "ä" * 100}, 400, "hub.secret"),
        ({"hub_lease_seconds": "-1"}, 400, "hub.lease_seconds"),
        ({"hub_lease_seconds": "a while"}, 400, "hub.lease_seconds"),
        ({"hub_secret": "x" * 9000}, 400, "more than"),
    ],
)
def test_what_cannot_be_used_is_named(
    client: TestClient, services: Services, changes: dict[str, str], status: int, word: str
) -> None:
    found, text = ask(client, **changes)
    assert found == status
    assert word in text
    assert waiting(services) == []


def test_what_is_no_form_is_refused(client: TestClient) -> None:
    assert client.post("/websub/hub", content=b"\xff").status_code == 400
    assert client.post("/websub/hub", content=b"a=1&" * 100).status_code == 400
    assert client.post("/websub/hub").status_code == 400


@pytest.mark.parametrize(
    ("asked", "given"), [("", 864_000), ("0", 300), ("99999999999", 2_592_000), ("3600", 3600)]
)
def test_leases_stay_within_bounds(
    client: TestClient, services: Services, asked: str, given: int
) -> None:
    ask(client, hub_lease_seconds=asked)
    assert [one.lease_seconds for one in waiting(services)] == [given]


def test_the_longest_secret_is_taken(client: TestClient) -> None:
    assert ask(client, hub_secret="x" * routes.LONGEST_SECRET)[0] == 202


def test_a_flood_ends(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "MOST_OF_HOST", 2)
    monkeypatch.setattr(intents, "MOST", 3)
    of_one = [ask(client, hub_callback=f"https://a.example/{n}")[0] for n in range(3)]
    assert of_one == [202, 202, 429]
    assert ask(client, hub_callback="https://a.example/1")[0] == 202  # again, not more
    assert ask(client, hub_callback="https://b.example/")[0] == 202
    assert ask(client, hub_callback="https://c.example/")[0] == 429


def test_feeds_name_the_hub(client: TestClient) -> None:
    for suffix, inside in (
        ("rss", b'rel="hub" href="http://testserver/websub/hub"'),
        ("atom", b'rel="hub" href="http://testserver/websub/hub"'),
        ("json", b'"hubs":[{"type":"WebSub","url":"http://testserver/websub/hub"}]'),
    ):
        for again in (False, True):  # from the cache, too
            answer = client.get(f"/sample/feed.{suffix}?week=1&limit=5")
            assert inside in answer.content, again
            own = f"http://testserver/sample/feed.{suffix}?limit=5&week=1"
            link = f'<http://testserver/websub/hub>; rel="hub", <{own}>; rel="self"'
            assert answer.headers["Link"] == link
    more = client.get("/sample/feed.json").json()["next_url"].removeprefix("http://testserver")
    assert "hub" not in client.get(more).headers.get("Link", "")


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[TestClient]:
    """The service at the address that everybody's has."""
    services = made(tmp_path, PUBLIC_URL="http://127.0.0.1:8000")
    fill(services)
    with TestClient(create_app(services)) as browser:
        yield browser
    services.database.dispose()


def test_without_a_public_address_there_is_no_hub(nowhere: TestClient) -> None:
    for suffix in ("rss", "atom", "json"):
        answer = nowhere.get(f"/sample/feed.{suffix}")
        assert b"hub" not in answer.content
        assert "Link" not in answer.headers
    topic = "http://127.0.0.1:8000/sample/feed.rss"
    assert ask(nowhere, hub_topic=topic)[0] == 404
