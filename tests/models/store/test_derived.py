"""Sources that others lead to."""

from datetime import UTC, datetime

from sqlalchemy import update

from models.domain.coursefile import parse
from models.domain.source import Derived, Match, SourceState
from models.store import applying, courses, mentions, sources
from models.store.engine import Database
from models.store.sources import SourceRow
from models.tables.sources import SourceTable

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
COURSE = """
[course]
slug = "sample"
title = "A sample"
hashtags = ["sample"]
[[sources]]
kind = "blog"
url = "https://blog.example/"
"""
TAGGED = Derived("feed", "https://blog.example/tag/sample/feed/", Match.ALL)


def _blog(database: Database) -> SourceRow:
    with database.writing() as session:
        applying.apply(session, parse(COURSE), AT)
    with database.reading() as session:
        (row,) = sources.listed(session)
    return row


def _by_url(database: Database) -> dict[str, SourceRow]:
    with database.reading() as session:
        return {row.url: row for row in sources.listed(session, removed=True)}


def test_is_registered_once_and_is_due(database: Database) -> None:
    blog = _blog(database)
    for _ in range(2):
        with database.writing() as session:
            sources.derive(session, blog, [TAGGED], AT)
    found = _by_url(database)[TAGGED.url]
    assert (found.parent_id, found.match, found.due_at) == (blog.id, Match.ALL, AT)
    assert len(_by_url(database)) == 2


def test_shares_the_fate_of_its_parent(database: Database) -> None:
    blog = _blog(database)
    with database.writing() as session:
        sources.derive(session, blog, [TAGGED], AT)
    for state in (SourceState.PAUSED, SourceState.ACTIVE, SourceState.REMOVED):
        with database.writing() as session:
            sources.set_state(session, blog, state, reason=None, now=AT)
        assert {row.state for row in _by_url(database).values()} == {state}


def test_what_was_removed_by_hand_is_not_derived_again(database: Database) -> None:
    blog = _blog(database)
    with database.writing() as session:
        sources.derive(session, blog, [TAGGED], AT)
    with database.writing() as session:
        sources.set_state(
            session, _by_url(database)[TAGGED.url], SourceState.REMOVED, reason="by hand", now=AT
        )
    with database.writing() as session:
        sources.derive(session, blog, [TAGGED], AT)
    assert _by_url(database)[TAGGED.url].state is SourceState.REMOVED


def test_a_course_file_leaves_it_alone(database: Database) -> None:
    blog = _blog(database)
    with database.writing() as session:
        sources.derive(session, blog, [TAGGED], AT)
        session.execute(update(SourceTable).values(title="Kept"))
    with database.writing() as session:
        applying.apply(session, parse(COURSE), AT)
    assert _by_url(database)[TAGGED.url].state is SourceState.ACTIVE
    with database.reading() as session:
        assert [entry.url for entry in applying.course_file(session, "sample").sources] == [
            blog.url
        ]


def test_only_what_somebody_registered_is_named_to_the_public(database: Database) -> None:
    blog = _blog(database)
    with database.writing() as session:
        sources.derive(session, blog, [TAGGED], AT)
        mentions.received(
            session,
            blog.course_id,
            page="https://stranger.example/spam",
            target="https://feed.example/sample",
            post=None,
            now=AT,
        )
    with database.reading() as session:
        course = courses.course(session, "sample")
        assert [source.url for source in courses.public_sources(session, course)] == [blog.url]
        assert course.sources == 1
        assert len(applying.course_file(session, "sample").sources) == 1
