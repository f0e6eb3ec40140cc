"""Leases on streams: one collector holds each, and another takes over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.domain.coursefile import parse
from models.domain.health import Health
from models.domain.source import SourceState
from models.store import applying, checks, leases, live, schedule, sources
from models.store.engine import Database
from models.store.sources import SourceRow
from tests.models.store.statuses import AT, FILE, instances, known, status, take_in

KINDS = ["mastodon"]
SECOND = timedelta(seconds=1)


@pytest.fixture
def source(database: Database) -> SourceRow:
    """With a secret, and asked a while ago."""
    one, _ = instances(database)
    change(database, one, secret="sealed", due_at=AT + timedelta(minutes=9))
    return known(database)[0]


def change(database: Database, source: SourceRow, **values: Any) -> None:
    with database.writing() as session:
        sources.change(session, source, values)


def take(database: Database, token: str, at: datetime = AT) -> list[str]:
    with database.writing() as session:
        return [row.id for row in live.take(session, token, KINDS, at)]


def renew(database: Database, token: str, at: datetime) -> set[tuple[int, str]]:
    with database.writing() as session:
        return live.renew(session, token, at)


def put_up(database: Database, source: SourceRow, at: datetime = AT) -> None:
    with database.writing() as session:
        live.up(session, source, at)


def put_down(database: Database, source: SourceRow, at: datetime, error: str | None = None) -> None:
    with database.writing() as session:
        live.down(session, source, at, error=error)


def now(database: Database) -> SourceRow:
    return known(database)[0]


def test_sources_with_a_secret_are_taken_by_one(database: Database, source: SourceRow) -> None:
    assert take(database, "mine") == [source.id]
    assert take(database, "another's") == []
    assert take(database, "mine") == []


@pytest.mark.parametrize(
    "values",
    [
        {"secret": None},
        {"kind": "feed"},
        {"state": SourceState.PAUSED.value},
        {"state": SourceState.REMOVED.value},
    ],
)
def test_others_are_not(database: Database, source: SourceRow, values: Mapping[str, Any]) -> None:
    change(database, source, **values)
    assert take(database, "mine") == []


def test_a_lease_is_renewed_by_its_token(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    later = AT + leases.LEASE - SECOND
    assert renew(database, "mine", later) == {(source.course_id, source.id)}
    assert renew(database, "another's", later) == set()
    assert take(database, "another's", AT + leases.LEASE + SECOND) == []


def test_one_that_runs_out_is_taken_over(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    put_up(database, source)
    change(database, source, due_at=AT + timedelta(minutes=10))
    later = AT + leases.LEASE
    assert take(database, "another's", later) == [source.id]
    assert renew(database, "mine", later) == set()
    row = now(database)
    assert (row.live_since, row.due_at) == (None, later)
    with database.writing() as session:
        assert not live.holds(session, source, "mine")
        assert live.holds(session, source, "another's")
    with database.writing() as session:
        assert "one.example" in dict(leases.claim(session, later, slots=9))


def test_a_clock_that_was_set_back_blocks_nobody(database: Database, source: SourceRow) -> None:
    take(database, "mine", AT + timedelta(days=1))
    assert take(database, "another's", AT) == [source.id]


def test_up_one_poll_closes_the_gap(database: Database, source: SourceRow) -> None:
    take_in(database, source, status(1))
    take(database, "mine")
    change(database, source, live_error="wants-token")
    put_up(database, source, AT + SECOND)
    row = now(database)
    assert (row.live_since, row.due_at, row.live_error) == (AT + SECOND, AT + SECOND, None)
    with database.reading() as session:
        assert schedule.due(session, ["one.example"], AT + SECOND)
        assert checks.errands(session, row, AT + SECOND).recheck


def test_down_polls_go_on_at_once_if_it_was_up(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    put_down(database, source, AT)
    assert now(database).due_at == source.due_at
    put_up(database, source)
    change(database, source, due_at=AT + timedelta(minutes=10))
    put_down(database, source, AT + SECOND)
    row = now(database)
    assert (row.live_since, row.due_at) == (None, AT + SECOND)


def test_a_paused_source_is_not_made_due(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    put_up(database, source)
    with database.writing() as session:
        sources.set_state(session, source, SourceState.PAUSED, reason="by hand", now=AT)
    assert renew(database, "mine", AT) == set()
    put_down(database, source, AT + SECOND)
    assert now(database).due_at is None


def test_given_back_another_may_have_it_at_once(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    put_up(database, source)
    with database.writing() as session:
        live.release(session, source, AT + SECOND)
    assert now(database).live_since is None
    assert take(database, "another's", AT + SECOND) == [source.id]


def test_a_refused_token_is_shown_until_there_is_another(
    database: Database, source: SourceRow
) -> None:
    take(database, "mine")
    put_down(database, source, AT, error="wants-token")
    assert schedule.health_of(now(database), {}) is Health.WANTS_TOKEN
    with database.writing() as session:
        sources.equip(session, now(database), secret="other", options={}, now=AT)
    assert renew(database, "mine", AT) == set()
    assert schedule.health_of(now(database), {}) is Health.NEW
    assert take(database, "mine") == [source.id]


def test_other_hashtags_open_it_anew(database: Database, source: SourceRow) -> None:
    take(database, "mine")
    with database.writing() as session:
        applying.apply(session, parse(FILE.replace('["sample"]', '["sample", "more"]')), AT)
    assert renew(database, "mine", AT) == set()
