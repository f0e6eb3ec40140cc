"""Who is told at our hub, and what is yet to be verified, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.domain.errors import Conflict
from models.store import intents, subscribers
from models.store.engine import Database
from models.store.intents import Intent
from models.store.subscribers import Subscriber
from models.tables.courses import CourseTable
from models.tables.subscribers import IntentTable, SubscriberTable
from tests.models.store.statuses import AT, instances

TOPIC = "https://feed.example/sample/feed.rss"


@pytest.fixture
def course(database: Database) -> int:
    return instances(database)[0].course_id


def ask(database: Database, course: int, callback: str, mode: str = "subscribe") -> None:
    with database.writing() as session:
        intents.asked(
            session,
            course,
            mode=mode,
            topic=TOPIC,
            callback=callback,
            secret="sealed",
            lease_seconds=3600,
            now=AT,
        )


def claim_intents(database: Database, **more: int) -> Sequence[Intent]:
    with database.writing() as session:
        return intents.claim(session, AT + timedelta(**more), most=10, busy=())


def subscribe(database: Database, course: int, *callbacks: str) -> None:
    for callback in callbacks:
        ask(database, course, callback)
        (one,) = claim_intents(database)
        with database.writing() as session:
            intents.confirmed(session, one, AT)


def change(database: Database) -> None:
    """Something of the course changes."""
    with database.writing() as session:
        session.execute(update(CourseTable).values(revision=CourseTable.revision + 1))


def claim(
    database: Database, seconds: float = 0, *, most: int = 10, failing: int = 10, busy: str = ""
) -> list[Subscriber]:
    with database.writing() as session:
        moment = AT + timedelta(seconds=seconds)
        return list(
            subscribers.claim(session, moment, most=most, most_failing=failing, busy={busy})
        )


def test_nobody_is_told_before_something_changes(database: Database, course: int) -> None:
    subscribe(database, course, "https://a.example/1")
    assert claim(database) == []
    change(database)
    (one,) = claim(database)
    assert (one.topic, one.callback, one.secret) == (TOPIC, "https://a.example/1", "sealed")
    assert claim(database) == []  # it is being told
    with database.writing() as session:
        subscribers.told(session, one, 1, "d" * 32, AT)
    assert claim(database, 3600 - 1) == []
    change(database)
    assert [found.digest for found in claim(database, 60)] == ["d" * 32]


def test_a_claim_that_is_over_changes_nothing(database: Database, course: int) -> None:
    subscribe(database, course, "https://a.example/1")
    change(database)
    (early,) = claim(database)
    (late,) = claim(database, subscribers.CLAIM.total_seconds())
    with database.writing() as session:
        subscribers.told(session, early, 1, "d" * 32, AT)
        subscribers.failed(session, early, AT)
    with database.reading() as session:
        row = session.scalars(select(SubscriberTable)).one()
        assert (row.revision, row.failures, row.due_at) == (0, 0, late.due_at)


def test_one_for_each_host_and_those_who_answer_first(database: Database, course: int) -> None:
    subscribe(database, course, *(f"https://{host}.example/1" for host in "abcd"))
    change(database)
    for one in claim(database):
        if one.host in {"a.example", "b.example"}:
            with database.writing() as session:
                subscribers.failed(session, one, AT - timedelta(hours=1))
    found = claim(database, 50, most=3, failing=1)
    assert [one.failures for one in found][-1] == 1
    assert {"c.example", "d.example"} < {one.host for one in found}
    assert claim(database, 100, most=0) == []
    subscribe(database, course, "https://d.example/2")
    change(database)
    hosts = [one.host for one in claim(database, 100, busy="c.example")]
    assert sorted(hosts) == ["a.example", "b.example", "d.example"]


def test_gaps_grow_to_an_end(database: Database, course: int) -> None:
    subscribe(database, course, "https://a.example/1")
    change(database)
    (one,) = claim(database)
    with database.writing() as session:
        subscribers.failed(session, replace(one, failures=900), AT)
    with database.reading() as session:
        row = session.scalars(select(SubscriberTable)).one()
        assert row.due_at == AT + subscribers.LONGEST_RETRY
        assert row.failures == 901


def test_leases_end(database: Database, course: int) -> None:
    subscribe(database, course, "https://a.example/1")
    change(database)
    with database.reading() as session:
        assert subscribers.is_due(session, AT)
        assert not subscribers.is_due(session, AT + timedelta(hours=1))
    with database.writing() as session:
        subscribers.prune(session, AT + timedelta(minutes=59))
        assert session.scalars(select(SubscriberTable)).all()
        subscribers.prune(session, AT + timedelta(hours=1))
        assert not session.scalars(select(SubscriberTable)).all()


def test_a_later_request_is_not_confirmed_by_an_earlier_answer(
    database: Database, course: int
) -> None:
    ask(database, course, "https://a.example/1")
    (first,) = claim_intents(database)
    ask(database, course, "https://a.example/1", "unsubscribe")
    with database.writing() as session:
        intents.confirmed(session, first, AT)
        assert session.scalars(select(SubscriberTable)).all() == []
        assert [row.mode for row in session.scalars(select(IntentTable))] == ["unsubscribe"]
    (second,) = claim_intents(database)
    assert second.mode == "unsubscribe"


def test_requests_are_verified_by_one_process_and_then_again(
    database: Database, course: int
) -> None:
    ask(database, course, "https://a.example/1")
    ask(database, course, "https://b.example/1")
    ask(database, course, "https://a.example/2")
    assert {one.host for one in claim_intents(database)} == {"a.example", "b.example"}
    (other,) = claim_intents(database)
    assert other.host == "a.example"
    assert claim_intents(database) == []
    assert [one.attempts for one in claim_intents(database, hours=1)] == [2, 2]


def test_room_is_limited(database: Database, course: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "MOST", 2)
    ask(database, course, "https://a.example/1")
    ask(database, course, "https://b.example/1")
    with pytest.raises(Conflict):
        ask(database, course, "https://c.example/1")
    monkeypatch.setattr(subscribers, "MOST", 1)
    for one in claim_intents(database):
        with database.writing() as session:
            intents.confirmed(session, one, AT)
    with database.reading() as session:
        assert len(session.scalars(select(SubscriberTable)).all()) == 1
        assert [row.mode for row in session.scalars(select(IntentTable))] == ["denied"]
