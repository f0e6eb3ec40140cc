"""Which posts are looked at again, whose replies are read, and how counts are kept up."""

from dataclasses import replace
from datetime import timedelta

from models.domain.checks import ANSWERABLE, next_check
from models.domain.identity import entry_key
from models.domain.source import Errands
from models.store import checks, courses
from models.store.checks import ANSWERS, RECHECKS
from models.store.engine import Database
from models.store.sources import SourceRow
from models.store.touched import Counts
from tests.models.store.statuses import AT, instances, sightings, status, take_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def errands(
    database: Database, source: SourceRow, after: timedelta, *, every: bool = False
) -> Errands:
    with database.reading() as session:
        return checks.errands(session, source, AT + after, every=every)


def keys(*numbers: int) -> list[str]:
    return [entry_key(f"https://one.example/{number}") for number in numbers]


def revision(database: Database) -> int:
    with database.reading() as session:
        return courses.course(session, "sample").revision


class TestChecks:
    def test_a_status_is_due_after_an_hour_and_then_ever_later(self, database: Database) -> None:
        one, two = instances(database)
        take_in(database, one, status(1))
        expected = (("1", "https://one.example/1"),)
        assert errands(database, one, HOUR - timedelta(seconds=1)).recheck == ()
        assert errands(database, one, HOUR).recheck == expected
        assert errands(database, two, HOUR).recheck == ()
        take_in(database, one, status(1), at=AT + HOUR, checked=keys(1))
        assert errands(database, one, DAY - HOUR).recheck == ()
        assert errands(database, one, DAY).recheck == expected
        (row,) = sightings(database, one)
        assert (row.checks, row.check_at) == (1, AT + DAY)

    def test_after_a_month_it_is_left_alone(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1))
        take_in(database, one, status(1), at=AT + 30 * DAY, checked=keys(1))
        assert errands(database, one, 400 * DAY).recheck == ()
        assert errands(database, one, 400 * DAY, every=True).recheck

    def test_an_edit_does_not_begin_the_schedule_anew(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1))
        take_in(database, one, status(1, content="<p>Edited #sample</p>"), at=AT + HOUR / 2)
        (row,) = sightings(database, one)
        assert row.check_at == AT + HOUR

    def test_what_was_withdrawn_is_checked_only_once_it_is_back(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1))
        take_in(database, one, at=AT + HOUR, withdrawn=keys(1), checked=keys(1))
        assert errands(database, one, 9 * DAY, every=True).recheck == ()
        take_in(database, one, status(1), at=AT + 2 * HOUR)
        (row,) = sightings(database, one)
        assert row.check_at == next_check(AT, AT + 2 * HOUR)

    def test_what_cannot_be_asked_for_is_not(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1, remote_id=None), status(2, content="<p>none</p>"))
        assert not errands(database, one, 9 * DAY, every=True)

    def test_a_run_takes_a_few_the_longest_due_first(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, *map(status, range(100, 100 + RECHECKS)), at=AT + HOUR)
        take_in(database, one, status(1))
        found = errands(database, one, 2 * DAY).recheck
        assert len(found) == RECHECKS
        assert found[0] == ("1", "https://one.example/1")
        assert len(errands(database, one, HOUR, every=True).recheck) == RECHECKS + 1

    def test_responses_are_named(self, database: Database) -> None:
        one, _ = instances(database)
        reply = status(2, content="<p>Yes</p>", is_response=True, in_reply_to="local:one.example:1")
        take_in(database, one, status(1), reply)
        assert errands(database, one, HOUR).responses == {"https://one.example/2"}

    def test_after_a_break_the_newest_are_due_at_once(self, database: Database) -> None:
        one, two = instances(database)
        take_in(database, one, status(1))
        take_in(database, two, status(1))
        with database.writing() as session:
            checks.hasten(session, one.course_id, one.id, AT)
        assert errands(database, one, timedelta(0)).recheck
        assert not errands(database, two, timedelta(0)).recheck


def made_due(database: Database, **scope: str) -> None:
    with database.writing() as session:
        checks.make_due(session, ["mastodon"], AT, **scope)


class TestAllAtOnce:
    def test_every_check_is_due_for_whoever_comes(self, database: Database) -> None:
        one, two = instances(database)
        take_in(database, one, status(1))
        take_in(database, one, status(1), at=AT + 30 * DAY, checked=keys(1))
        take_in(database, two, status(2))
        made_due(database, course="sample")
        assert errands(database, one, timedelta(0)).recheck
        assert errands(database, two, timedelta(0)).recheck

    def test_of_one_course_or_one_source(self, database: Database) -> None:
        one, two = instances(database)
        take_in(database, one, status(1))
        take_in(database, two, status(2))
        made_due(database, course="other")
        assert not errands(database, one, timedelta(0))
        made_due(database, source=two.id)
        assert not errands(database, one, timedelta(0))
        assert errands(database, two, timedelta(0)).recheck

    def test_not_of_what_is_gone(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1))
        take_in(database, one, withdrawn=keys(1))
        made_due(database)
        assert not errands(database, one, 9 * DAY, every=True)


class TestReplies:
    def test_new_replies_are_read_once(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1))
        assert errands(database, one, HOUR).answers_to == ()
        take_in(database, one, status(1, replies=2))
        assert errands(database, one, HOUR).answers_to == (("1", "https://one.example/1"),)
        take_in(database, one, answered=keys(1))
        assert errands(database, one, HOUR, every=True).answers_to == ()
        take_in(database, one, status(1, replies=1))
        assert errands(database, one, HOUR).answers_to == ()
        take_in(database, one, status(1, replies=2))
        assert errands(database, one, HOUR).answers_to

    def test_an_edit_may_bring_them_too(self, database: Database) -> None:
        one, _ = instances(database)
        take_in(database, one, status(1, replies=1))
        take_in(database, one, answered=keys(1))
        take_in(database, one, status(1, content="<p>Other #sample</p>", replies=1))
        assert errands(database, one, HOUR).answers_to == ()
        take_in(database, one, status(1, content="<p>Third #sample</p>", replies=2))
        assert errands(database, one, HOUR).answers_to

    def test_old_posts_are_not_asked_for_and_a_run_takes_a_few(self, database: Database) -> None:
        one, _ = instances(database)
        old = status(1, replies=1, published_at=AT - ANSWERABLE - HOUR)
        new = [status(number, replies=1) for number in range(10, 11 + ANSWERS)]
        take_in(database, one, old, *new)
        found = errands(database, one, timedelta(0)).answers_to
        assert len(found) == ANSWERS
        assert ("1", old.external_id) not in found
        assert len(errands(database, one, timedelta(0), every=True).answers_to) == ANSWERS + 1

    def test_responses_have_no_replies_of_their_own(self, database: Database) -> None:
        """They came along with them."""
        one, _ = instances(database)
        take_in(database, one, status(2, content="<p>Yes</p>", is_response=True, replies=3))
        assert errands(database, one, HOUR).answers_to == ()


class TestCounts:
    def test_they_are_kept_up_without_a_revision(self, database: Database) -> None:
        one, _ = instances(database)
        assert take_in(database, one, status(1)) == Counts(new=1)
        before = revision(database)
        counted = replace(status(1), boosts=5, replies=7)
        assert take_in(database, one, counted, at=AT + HOUR) == Counts()
        (row,) = sightings(database, one)
        assert (row.boosts, row.replies, row.seen_at) == (5, 7, AT)
        assert revision(database) == before
        take_in(database, one, status(1))
        (row,) = sightings(database, one)
        assert (row.boosts, row.replies) == (0, 0)
