"""The callback of our subscriptions, as friendly and as hostile hubs use it."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import now
from app.wiring import Services
from collectors.vault import Vault
from models.store import courses, push, sources
from models.store.push import Subscription
from models.store.sources import SourceRow
from models.tables.push import SubscriptionTable

TOPIC = "https://ada.example/feed"
CALLBACK = "0123456789abcdef0123456789abcdef"
PATH = f"/websub/{CALLBACK}"
BODY = b"<rss version='2.0'><channel><title>x</title></channel></rss>"


@pytest.fixture
def source(services: Services) -> SourceRow:
    """With a subscription that was asked for."""
    with services.database.writing() as session:
        course = courses.plain_course(session, "sample")
        found = sources.find(session, course.id, "feed", TOPIC)
        assert found is not None
        push.offered(
            session,
            found,
            hub="https://hub.example/",
            topic=TOPIC,
            callback=CALLBACK,
            secret=Vault(services.settings.secret_key).seal("secret"),
            now=now(),
        )
    return found


def subscription(services: Services) -> Subscription | None:
    with services.database.reading() as session:
        return push.by_callback(session, CALLBACK)


def verify(client: TestClient, **changes: str) -> tuple[int, str]:
    query = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "a challenge",
        "hub.lease_seconds": "86400",
        **changes,
    }
    answer = client.get(PATH, params=query)
    return answer.status_code, answer.text


def deliver(client: TestClient, body: bytes = BODY, *, link: str = "", signature: str = "") -> int:
    digest = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    given = {"X-Hub-Signature": signature or f"sha256={digest}", "Link": link}
    return client.post(PATH, content=body, headers=given).status_code


def waiting(services: Services) -> int:
    with services.database.writing() as session:
        return len(push.claim_deliveries(session, now(), most=1000))


def test_intent_is_verified(client: TestClient, services: Services, source: SourceRow) -> None:
    assert verify(client) == (200, "a challenge")
    found = subscription(services)
    assert found is not None
    assert found.state == "active"
    assert found.lease_until is not None
    assert timedelta(hours=23) < found.lease_until - now() <= timedelta(hours=24)


def test_it_is_prolonged_before_its_lease_ends(
    client: TestClient, services: Services, source: SourceRow
) -> None:
    assert verify(client)[0] == 200
    lease = timedelta(seconds=86_400)
    with services.database.writing() as session:
        assert push.claim_subscriptions(session, now() + lease / 2, most=10) == []
        (one,) = push.claim_subscriptions(session, now() + lease * 0.9, most=10)
    assert (one.callback, one.state) == (CALLBACK, "active")


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.topic": "https://else.example/feed"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "publish"},
        {"hub.challenge": ""},
    ],
)
def test_what_was_not_meant_is_not_confirmed(
    client: TestClient, services: Services, source: SourceRow, changes: dict[str, str]
) -> None:
    status, text = verify(client, **changes)
    assert status == 404
    assert "a challenge" not in text
    found = subscription(services)
    assert found is not None
    assert found.state == "asked"


def test_nobody_knows_this_address(client: TestClient) -> None:
    assert verify(client)[0] == 404
    assert deliver(client) == 410
    assert client.get("/websub/short").status_code == 404


def problem_of(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["status"] == answer.status_code
    return answer.status_code, found["type"]


@pytest.mark.parametrize("callback", [CALLBACK, "short", "x" * 5000, "%00", "0" * 31 + "%C3%A9"])
def test_what_is_unknown_is_a_problem(client: TestClient, callback: str) -> None:
    asked = client.get(f"/websub/{callback}", params={"hub.challenge": "a challenge"})
    assert problem_of(asked) == (404, "urn:moocfeed:problem:not-found")
    assert "a challenge" not in asked.text
    delivered = problem_of(client.post(f"/websub/{callback}", content=BODY))
    assert delivered in {
        (404, "urn:moocfeed:problem:not-found"),
        (410, "urn:moocfeed:problem:gone"),
    }


def test_too_much_is_a_problem(client: TestClient, services: Services, source: SourceRow) -> None:
    verify(client)
    too_large = client.post(PATH, content=b"x" * (5 * 1024 * 1024 + 1))
    assert problem_of(too_large) == (413, "urn:moocfeed:problem:too-large")
    for _ in range(push.MOST_WAITING):
        assert deliver(client) == 202
    digest = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()
    given = {"X-Hub-Signature": f"sha256={digest}"}
    waiting_long = client.post(PATH, content=BODY, headers=given)
    assert problem_of(waiting_long) == (503, "urn:moocfeed:problem:unavailable")
    assert int(waiting_long.headers["retry-after"]) > 0


def test_a_hub_may_refuse(client: TestClient, services: Services, source: SourceRow) -> None:
    assert verify(client, **{"hub.mode": "denied"})[0] == 200
    found = subscription(services)
    assert found is not None
    assert found.state == "denied"


@pytest.mark.parametrize(("lease", "days"), [("0", 0), ("999999999", 30), ("x", 10), ("", 10)])
def test_leases_stay_within_bounds(
    client: TestClient, services: Services, source: SourceRow, lease: str, days: int
) -> None:
    verify(client, **{"hub.lease_seconds": lease})
    found = subscription(services)
    assert found is not None
    assert found.lease_until is not None
    assert (found.lease_until - now() + timedelta(minutes=1)).days == days


def test_deliveries_are_kept_if_they_are_genuine(
    client: TestClient, services: Services, source: SourceRow
) -> None:
    assert deliver(client) == 202
    assert waiting(services) == 0  # nothing was verified yet
    verify(client)
    assert deliver(client, signature="sha256=" + "0" * 64) == 202
    assert deliver(client, signature="none") == 202
    assert deliver(client, link="<https://else.example/feed>; rel=self") == 202
    assert waiting(services) == 0
    assert deliver(client, link=f"<{TOPIC}>; rel=self") == 202
    assert waiting(services) == 1


def test_too_much_is_refused(client: TestClient, services: Services, source: SourceRow) -> None:
    verify(client)
    assert deliver(client, b"x" * (5 * 1024 * 1024 + 1)) == 413
    for _ in range(push.MOST_WAITING):
        assert deliver(client) == 202
    assert deliver(client) == 503


def test_the_end_is_confirmed_once_it_is_meant(
    client: TestClient, services: Services, source: SourceRow
) -> None:
    verify(client)
    with services.database.writing() as session:
        session.query(SubscriptionTable).update({"state": "ending"})
    assert verify(client)[0] == 404
    assert verify(client, **{"hub.mode": "unsubscribe"}) == (200, "a challenge")
    assert subscription(services) is None
    assert deliver(client) == 410
