"""Rows written in bulk are what `Session.execute` would have written, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from models.store.bulk import delete_rows, insert_rows, update_rows
from models.store.engine import Database
from models.tables.courses import CourseTable
from models.tables.sources import HostTable

NOW = datetime(2026, 11, 3, 10, 0, 0, 123456, tzinfo=UTC)
COURSE: dict[str, Any] = {
    "id": 1,
    "slug": "sample",
    "title": "Ä course",
    "hashtags": ["eins", 'zw"ei', "drei's"],
    "language": "de",
    "timezone": "UTC",
    "consent": "open",
    "show": "full",
    "moderation": "after",
    "index": False,
    "created_at": NOW,
    "updated_at": NOW,
    "revision": 0,
    "posts_numbered": 0,
    "posts_listed": 0,
}


def courses(session: Session) -> list[CourseTable]:
    return list(session.scalars(select(CourseTable).order_by(CourseTable.id)))


def test_values_come_back_as_they_were(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, CourseTable, [COURSE, COURSE | {"id": 2, "slug": "b", "index": True}])
    with database.reading() as session:
        first, second = courses(session)
        assert (first.title, first.hashtags, first.index) == (
            "Ä course",
            ["eins", 'zw"ei', "drei's"],
            False,
        )
        assert (first.created_at, second.index, second.homepage) == (NOW, True, None)


def test_times_are_kept_in_utc(database: Database) -> None:
    eastern = NOW.astimezone(timezone(timedelta(hours=5)))
    with database.writing() as session:
        insert_rows(session, CourseTable, [COURSE | {"created_at": eastern}])
    with database.reading() as session:
        assert session.scalar(select(CourseTable.id).where(CourseTable.created_at == NOW)) == 1
        assert courses(session)[0].created_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError), match="naive"), database.writing() as session:
        insert_rows(session, CourseTable, [COURSE | {"created_at": NOW.replace(tzinfo=None)}])


def test_rows_are_updated_by_their_keys(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, CourseTable, [COURSE, COURSE | {"id": 2, "slug": "b"}])
        update_rows(
            session,
            CourseTable,
            [
                {"id": 2, "revision": 7, "hashtags": ["neu"], "updated_at": NOW + timedelta(1)},
                {"id": 1, "revision": 5, "hashtags": [], "updated_at": NOW},
            ],
        )
    with database.reading() as session:
        first, second = courses(session)
        assert (first.revision, first.hashtags, first.title) == (5, [], "Ä course")
        assert (second.revision, second.hashtags) == (7, ["neu"])
        assert second.updated_at == NOW + timedelta(1)


def test_rows_are_deleted_by_their_keys(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, CourseTable, [COURSE, COURSE | {"id": 2, "slug": "b"}])
        delete_rows(session, CourseTable, [{"id": 1, "title": "not asked for"}])
    with database.reading() as session:
        assert [course.slug for course in courses(session)] == ["b"]


def test_nothing_is_no_statement(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, HostTable, [])
        update_rows(session, HostTable, [])
        delete_rows(session, HostTable, [])


def test_what_the_database_refuses_is_raised(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        insert_rows(session, HostTable, [{"host": "a"}, {"host": "a"}])


def test_the_ordinary_way_reads_and_writes_the_same(database: Database) -> None:
    with database.writing() as session:
        insert_rows(session, CourseTable, [COURSE])
        session.execute(update(CourseTable).values(updated_at=NOW + timedelta(microseconds=1)))
    with database.reading() as session:
        later = select(CourseTable.id).where(CourseTable.updated_at > CourseTable.created_at)
        assert session.scalars(later).all() == [1]
