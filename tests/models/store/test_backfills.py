"""Where walks to older entries stand, and what an answer that only adds leaves alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.domain.backfill import Walk
from models.domain.post import Entry
from models.domain.source import BACKFILLED, Match, Rule, SourceState
from models.store import backfills, intake, sources, withdrawing
from models.store.engine import Database
from models.store.intake import Answer
from models.store.sources import SourceRow
from models.store.touched import Counts
from models.tables.posts import PostTable
from tests.models.store.statuses import AT, entry, instances, known, status

RULE = Rule(("sample",), Match.HASHTAG, "de", since=AT.timestamp())
WALK = Walk(
    since=AT - timedelta(days=7),
    at={"below": "17", "way": 0},
    left={"below": "20", "way": 0},
    seen=("a", "b"),
    pages=3,
    new=7,
    oldest=AT - timedelta(days=2),
)


def kept(database: Database, source: SourceRow, rule: Rule = RULE) -> Walk | None:
    with database.reading() as session:
        return backfills.get(session, source, rule)


def keep(database: Database, source: SourceRow, walk: Walk, rule: Rule = RULE) -> None:
    with database.writing() as session:
        backfills.put(session, source, rule, walk, AT)


def test_a_walk_is_kept_as_it_is(database: Database) -> None:
    one, two = instances(database)
    assert kept(database, one) is None
    keep(database, one, WALK)
    assert kept(database, one) == WALK
    assert kept(database, two) is None
    done = replace(WALK, at={}, left=None, done=True, oldest=None)
    keep(database, one, done)
    assert kept(database, one) == done


@pytest.mark.parametrize(
    "change", [{"hashtags": ("other",)}, {"match": Match.ALL}, {"registered_only": True}]
)
def test_for_another_rule_it_begins_anew(database: Database, change: dict[str, object]) -> None:
    one, _ = instances(database)
    keep(database, one, WALK)
    assert kept(database, one, replace(RULE, **change)) is None  # type: ignore[arg-type]
    assert kept(database, one, replace(RULE, since=0.0)) == WALK


def test_a_source_that_was_removed_begins_anew(database: Database) -> None:
    one, two = instances(database)
    keep(database, one, WALK)
    keep(database, two, WALK)
    with database.writing() as session:
        sources.set_state(session, one, SourceState.PAUSED, reason=None, now=AT)
    assert kept(database, one) == WALK
    with database.writing() as session:
        sources.set_state(session, one, SourceState.REMOVED, reason=None, now=AT)
    assert kept(database, one) is None
    assert kept(database, two) == WALK


def test_what_was_wanted_of_before_the_course_is_known_from_then_on(database: Database) -> None:
    one, _ = instances(database)
    with database.writing() as session:
        backfills.reach(session, one, RULE, AT + timedelta(days=1))
    assert known(database)[0].options == {}
    with database.writing() as session:
        sources.change(session, one, {"live_token": "a"})
        backfills.reach(session, one, RULE, AT - timedelta(days=5))
    one, _ = known(database)
    assert one.options == {BACKFILLED: (AT - timedelta(days=5)).timestamp()}
    assert one.live_until is None
    rule = replace(RULE, backfilled=one.options[BACKFILLED])
    assert rule.earliest == one.options[BACKFILLED]
    with database.writing() as session:
        backfills.reach(session, one, rule, AT - timedelta(days=4))
    assert known(database)[0].options == one.options


@pytest.mark.parametrize(
    ("since", "backfilled", "earliest"),
    [(5.0, None, 5.0), (5.0, 3.0, 3.0), (5.0, 7.0, 5.0), (None, 3.0, None), (None, None, None)],
)
def test_how_old_a_post_may_be(
    since: float | None, backfilled: float | None, earliest: float | None
) -> None:
    assert replace(RULE, since=since, backfilled=backfilled).earliest == earliest


# Answers that only add


def bring(database: Database, source: SourceRow, *entries: Entry, adds_only: bool) -> Counts:
    answer = Answer(source.course_id, source.id, entries, begun_at=AT, adds_only=adds_only)
    with database.writing() as session:
        return intake.take_in(session, answer, AT + timedelta(hours=1))


def titles(database: Database) -> dict[str, bool]:
    """Whether each post is visible, by its address."""
    with database.reading() as session:
        return {row.url: row.visible for row in session.query(PostTable)}


def test_what_is_new_is_added_and_what_is_shown_stays(database: Database) -> None:
    one, _ = instances(database)
    bring(database, one, entry(one, status(1)), entry(one, status(2)), adds_only=False)
    edited = entry(one, status(1, content="<p>as it once was #sample</p>"))
    untagged = entry(one, status(2, content="<p>no tag</p>"))
    counts = bring(database, one, edited, untagged, entry(one, status(3)), adds_only=True)
    assert (counts.new, counts.changed, counts.withdrawn) == (1, 0, 0)
    assert set(titles(database).values()) == {True}
    assert bring(database, one, edited, adds_only=False).changed == 1


def test_what_was_taken_back_stays_so(database: Database) -> None:
    one, _ = instances(database)
    post = entry(one, status(1))
    bring(database, one, post, adds_only=False)
    with database.writing() as session:
        gone = Answer(one.course_id, one.id, (), withdrawn=(post.entry_key,), begun_at=AT)
        intake.take_in(session, gone, AT)
    assert bring(database, one, post, adds_only=True) == Counts()
    assert set(titles(database).values()) == {False}


def test_what_was_not_the_courses_may_be_so_now(database: Database) -> None:
    one, _ = instances(database)
    bring(database, one, entry(one, status(1, content="<p>no tag</p>")), adds_only=False)
    assert bring(database, one, entry(one, status(1)), adds_only=True).new == 1


def test_what_went_with_its_source_comes_back_with_it(database: Database) -> None:
    one, _ = instances(database)
    bring(database, one, entry(one, status(1)), adds_only=False)
    with database.writing() as session:
        withdrawing.withdraw_source(session, one.course_id, one.id, datetime.now(UTC))
    bring(database, one, entry(one, status(1)), adds_only=True)
    assert set(titles(database).values()) == {True}
