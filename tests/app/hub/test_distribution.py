"""The hub and its subscribers over real HTTP: friendly ones, and others."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from starlette.testclient import TestClient

from app import clock
from app.hub import distribution
from app.wiring import Services
from models.store import courses, intents, sources, subscribers, withdrawing
from tests.app.conftest import fill, made
from tests.app.hub.conftest import TOPIC, ask, subscriptions, the_end, work, write
from tests.servers.subscriber import Subscriber, subscriber
from tests.waiting import wait_for

Later = Callable[[timedelta], None]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A course whose hub may reach loopback."""
    services = made(tmp_path, FETCH_ALLOW="127.0.0.0/8")
    fill(services)
    yield services
    services.database.dispose()


def subscribed(client: TestClient, services: Services, who: Subscriber, **more: str) -> None:
    assert ask(client, who, **more) == 202
    work(services)
    assert who.asked


def titles(who: Subscriber) -> list[str]:
    """The first title of each delivery."""
    return [feedparser.parse(one.body).entries[0].title for one in who.deliveries]


def test_a_subscriber_is_asked_and_then_told(client: TestClient, services: Services) -> None:
    with subscriber() as reader:
        assert ask(client, reader, hub_lease_seconds="3600") == 202
        assert reader.asked == []
        work(services)
        (asked,) = reader.asked
        assert asked["id"] == "7"
        assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", TOPIC)
        assert asked["hub.lease_seconds"] == "3600"
        assert len(asked["hub.challenge"]) > 30
        assert timedelta(minutes=58) < the_end(services) - clock.now() <= timedelta(hours=1)
        assert reader.deliveries == []

        write(services, 7)
        work(services)
        (told,) = reader.deliveries
        answer = client.get("/sample/feed.rss", headers={"Cookie": "past=the cache"})
        assert told.body == answer.content
        assert told.kind == answer.headers["content-type"]
        assert told.link == answer.headers["link"]
        assert told.signed
        work(services)
        assert len(reader.deliveries) == 1


def test_without_a_secret_nothing_is_signed(client: TestClient, services: Services) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader, hub_secret="")
        write(services, 7)
        work(services)
        assert [one.signed for one in reader.deliveries] == [False]


def test_withdrawals_are_told_too(client: TestClient, services: Services) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader, hub_topic="http://testserver/sample/feed.atom")
        with services.database.writing() as session:
            course = courses.plain_course(session, "sample")
            source = sources.find(session, course.id, "feed", "https://ben.example/feed")
            assert source is not None
            withdrawing.withdraw_source(session, course.id, source.id, clock.now())
        work(services)
        assert [b"deleted-entry" in one.body for one in reader.deliveries] == [True]


def test_what_is_not_in_a_feed_is_not_told(
    client: TestClient, services: Services, later: Later
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader, hub_topic=f"{TOPIC}?tag=tools")
        write(services, 7)
        work(services)
        assert reader.attempts == 1  # the first document: nobody knows what it knows
        later(subscribers.GAP)
        write(services, 8)
        work(services)
        assert reader.attempts == 1
        assert subscriptions(services)[0].revision == revision(services)


def revision(services: Services) -> int:
    with services.database.reading() as session:
        return courses.plain_course(session, "sample").revision


def moment() -> datetime:
    """What the hub's clock says."""
    now: Callable[[], datetime] = vars(distribution)["now"]
    return now()


def test_a_burst_is_one_delivery(client: TestClient, services: Services, later: Later) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        for number in (7, 8, 9):
            write(services, number)
        work(services)
        assert len(reader.deliveries) == 1
        write(services, 10)
        work(services)
        assert len(reader.deliveries) == 1
        later(subscribers.GAP)
        work(services)
        assert titles(reader)[1:] == ["Post 10"]


@pytest.mark.parametrize("change", [{"confirms": False}, {"challenge": "something else"}])
def test_what_was_not_meant_changes_nothing(
    client: TestClient, services: Services, change: dict[str, object]
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        before = the_end(services)
        for name, value in change.items():
            setattr(reader, name, value)
        for mode in ("subscribe", "unsubscribe"):
            ask(client, reader, mode, hub_lease_seconds="86400", hub_secret="stolen")
            work(services)
        assert the_end(services) == before
        assert [one["hub.mode"] for one in reader.asked] == ["subscribe"] * 2 + ["unsubscribe"]
        write(services, 7)
        work(services)
        assert [one.signed for one in reader.deliveries] == [True]


def test_whoever_cannot_be_met_is_asked_a_few_times(
    client: TestClient, services: Services, later: Later
) -> None:
    with subscriber() as reader:
        assert ask(client, reader) == 202
    for _ in intents.AGAIN_AFTER:
        work(services)
        later(intents.AGAIN_AFTER[-1])
    assert subscriptions(services) == []
    with services.database.reading() as session:
        assert intents.is_due(session, moment())
    work(services)
    with services.database.reading() as session:
        assert not intents.is_due(session, clock.now() + timedelta(days=365))


def test_a_subscription_can_be_prolonged_and_ended(
    client: TestClient, services: Services, later: Later
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader, hub_lease_seconds="600")
        before = the_end(services)
        subscribed(client, services, reader, hub_lease_seconds="6000")
        assert the_end(services) > before + timedelta(minutes=80)
        subscribed(client, services, reader, mode="unsubscribe")
        assert "hub.lease_seconds" not in reader.asked[-1]
        assert subscriptions(services) == []
        write(services, 7)
        work(services)
        assert reader.attempts == 0


def test_a_lease_ends(client: TestClient, services: Services, later: Later) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader, hub_lease_seconds="600")
        write(services, 7)
        later(timedelta(minutes=11))
        work(services)
        assert reader.attempts == 0
        with services.database.writing() as session:
            subscribers.prune(session, moment())
        assert subscriptions(services) == []


def test_who_is_gone_is_not_told_again(client: TestClient, services: Services) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        reader.status = 410
        write(services, 7)
        work(services)
        assert reader.attempts == 1
        assert subscriptions(services) == []


@pytest.mark.parametrize("status", [301, 307, 404, 500, 503])
def test_who_fails_is_told_later_in_growing_gaps(
    client: TestClient, services: Services, later: Later, status: int
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        reader.statuses = [status] * 3
        reader.headers = {"Location": reader.url}
        write(services, 7)
        for tried, gap in enumerate((1, 2, 4), 1):
            work(services)
            assert reader.attempts == tried
            later(subscribers.FIRST_RETRY * gap - timedelta(seconds=2))
            work(services)
            assert reader.attempts == tried
            later(timedelta(seconds=2))
        work(services)
        assert titles(reader) == ["Post 7"]
        assert subscriptions(services)[0].failures == 0


def test_there_is_not_room_for_any_number(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribers, "MOST_OF_HOST", 1)
    with subscriber() as first, subscriber() as second:
        monkeypatch.setattr(intents, "host_key", lambda url: "one.example")
        subscribed(client, services, first)
        subscribed(client, services, second)
        subscribed(client, services, first)  # goes on
        assert [one.callback for one in subscriptions(services)] == [first.url]
        denied = second.asked[-1]
        assert (denied["hub.mode"], denied["hub.topic"]) == ("denied", TOPIC)
        assert denied["hub.reason"]


def test_private_addresses_are_not_asked(tmp_path: Path) -> None:
    """Wherever a callback leads when it is used, whatever it was when it was named."""
    services = made(tmp_path)
    fill(services)
    with subscriber() as reader:
        with services.database.writing() as session:
            intents.asked(
                session,
                courses.plain_course(session, "sample").id,
                mode="subscribe",
                topic=TOPIC,
                callback=reader.url,
                secret=None,
                lease_seconds=3600,
                now=clock.now(),
            )
        work(services)
        assert reader.asked == []
        assert subscriptions(services) == []
    services.database.dispose()


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_what_else_a_subscriber_says_does_not_matter(
    client: TestClient, services: Services, headers: dict[str, str]
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        reader.status, reader.text, reader.headers = 200, b"x" * 1_000_000, headers
        write(services, 7)
        work(services)
        assert reader.attempts == 1
        assert subscriptions(services)[0].revision == revision(services)


def test_a_silent_one_holds_up_nobody(client: TestClient, services: Services, later: Later) -> None:
    with subscriber("127.0.0.5") as silent, subscriber() as reader:
        subscribed(client, services, silent)
        subscribed(client, services, reader)
        silent.silent = True
        write(services, 7)

        async def story() -> None:
            async with distribution.running(services) as hub:
                work = asyncio.create_task(hub.once())
                await asyncio.to_thread(wait_for, lambda: reader.deliveries and silent.attempts)
                assert silent.deliveries == []
                assert not work.done()
                silent.awake.set()
                await work

        asyncio.run(story())
        assert titles(silent) == ["Post 7"]


def test_two_hubs_deliver_once(client: TestClient, services: Services) -> None:
    with subscriber() as reader, subscriber("127.0.0.5") as other:
        for one in (reader, other):
            subscribed(client, services, one)
        write(services, 7)

        async def story() -> None:
            async with distribution.running(services) as one, distribution.running(services) as two:
                await asyncio.gather(one.once(), two.once())

        asyncio.run(story())
        assert [reader.attempts, other.attempts] == [1, 1]


def test_what_a_dead_process_had_claimed_is_delivered(
    client: TestClient, services: Services, later: Later
) -> None:
    with subscriber() as reader:
        subscribed(client, services, reader)
        write(services, 7)
        with services.database.writing() as session:
            claimed = subscribers.claim(session, moment(), most=5, most_failing=5, busy=())
        assert len(claimed) == 1
        work(services)
        assert reader.attempts == 0
        later(subscribers.CLAIM)
        work(services)
        assert titles(reader) == ["Post 7"]
