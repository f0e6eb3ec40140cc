"""Deletions that a stream tells of, in whatever order."""

from datetime import timedelta

from models.domain.decide import SightingState
from models.store import tombstones
from models.store.engine import Database
from models.store.touched import Counts
from models.tables.tombstones import TombstoneTable
from tests.models.store.statuses import AT, entry, instances, sightings, status, take_in

MINUTE = timedelta(minutes=1)


def test_what_is_known_is_withdrawn(database: Database) -> None:
    one, two = instances(database)
    take_in(database, one, status(1), status(2))
    take_in(database, two, status(3, remote_id="1"))
    deleted = take_in(database, one, at=AT + MINUTE, polled=False, deleted={"1", "99"})
    assert deleted == Counts(withdrawn=1)
    assert [row.state for row in sightings(database, one)] == ["withdrawn", "live"]
    assert [row.state for row in sightings(database, two)] == ["live"]


def test_what_comes_late_does_not_rise(database: Database) -> None:
    one, _ = instances(database)
    take_in(database, one, at=AT + MINUTE, polled=False, deleted={"1"})
    assert take_in(database, one, status(1), at=AT + 2 * MINUTE, polled=False) == Counts()
    assert sightings(database, one) == []


def test_a_late_edit_does_not_raise_what_was_known(database: Database) -> None:
    one, _ = instances(database)
    take_in(database, one, status(1))
    take_in(database, one, at=AT + MINUTE, polled=False, deleted={"1"})
    edited = status(1, content="<p>Edited #sample</p>")
    assert take_in(database, one, edited, at=AT + 2 * MINUTE, polled=False) == Counts()
    (row,) = sightings(database, one)
    assert row.state == SightingState.WITHDRAWN


def test_a_run_that_began_before_shows_what_is_gone_by_now(database: Database) -> None:
    one, _ = instances(database)
    take_in(database, one, at=AT + MINUTE, polled=False, deleted={"1"})
    for begun_at in (AT, AT + MINUTE):
        later = AT + 2 * MINUTE
        assert take_in(database, one, status(1), at=later, begun_at=begun_at) == Counts()


def test_what_a_later_run_shows_is_there_again(database: Database) -> None:
    one, _ = instances(database)
    take_in(database, one, status(1))
    take_in(database, one, at=AT + MINUTE, polled=False, deleted={"1"})
    assert take_in(database, one, status(1), at=AT + 2 * MINUTE) == Counts(new=1)
    edited = status(1, content="<p>Edited #sample</p>")
    changed = take_in(database, one, edited, at=AT + 3 * MINUTE, polled=False)
    assert changed == Counts(changed=1)


def test_a_clock_that_was_set_back_keeps_nothing_away(database: Database) -> None:
    """Nor does it raise what a run shows that may have begun before the deletion."""
    one, _ = instances(database)
    take_in(database, one, status(1))
    take_in(database, one, at=AT + 60 * MINUTE, polled=False, deleted={"1"})
    assert take_in(database, one, status(1), at=AT + MINUTE) == Counts()
    assert take_in(database, one, status(1), at=AT + 2 * MINUTE) == Counts(new=1)


def test_the_origin_decides(database: Database) -> None:
    one, two = instances(database)
    take_in(database, one, status(1, from_origin=True))
    take_in(database, two, status(1, remote_id="77"))
    assert take_in(database, two, polled=False, deleted={"77"}) == Counts(changed=1)
    assert take_in(database, one, polled=False, deleted={"1"}) == Counts(withdrawn=1)


def test_deleted_twice_and_forgotten_after_a_week(database: Database) -> None:
    one, _ = instances(database)
    for minute in (1, 2):
        take_in(database, one, at=AT + minute * MINUTE, polled=False, deleted={"1", "2"})
    with database.writing() as session:
        tombstones.prune(session, AT + tombstones.KEPT)
        assert session.query(TombstoneTable).count() == 2
        tombstones.prune(session, AT + tombstones.KEPT + 3 * MINUTE)
        assert session.query(TombstoneTable).count() == 0


def test_entries_without_an_id_are_let_be(database: Database) -> None:
    one, _ = instances(database)
    raw = status(1, remote_id=None)
    assert entry(one, raw).external_id == raw.external_id
    assert take_in(database, one, raw, polled=False, deleted={"1"}) == Counts(new=1)
