"""Secrets and options of sources, and what outlasts a new start."""

from datetime import UTC, datetime, timedelta

import pytest

from models.domain.coursefile import parse
from models.domain.source import SPENT, SourceState
from models.store import applying, courses, sources
from models.store.engine import Database
from models.store.sources import SourceRow

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
COURSE = '[course]\nslug = "sample"\ntitle = "A sample"\nhashtags = ["sample"]\n'
ACCOUNT = {"month": "2026-11", "reads": 40}


@pytest.fixture
def source(database: Database) -> SourceRow:
    """Failing, with an account of what it spent."""
    with database.writing() as session:
        applying.apply(session, parse(COURSE), AT)
        id_ = sources.add(
            session,
            courses.plain_course(session, "sample").id,
            kind="x",
            url="https://x.com",
            now=AT,
            options={"max_reads_a_month": 100},
            secret="sealed",
        )
        row = sources.get(session, id_)
        assert row.secret == "sealed"
        failing = {
            "state": SourceState.PAUSED.value,
            "failures": 3,
            "due_at": None,
            "cursor": {"newest": "7", SPENT: ACCOUNT},
            "etag": '"a"',
        }
        sources.change(session, row, failing)
    return _read(database, id_)


def _read(database: Database, id_: str) -> SourceRow:
    with database.reading() as session:
        return sources.get(session, id_)


def test_a_new_secret_begins_anew_but_keeps_account(database: Database, source: SourceRow) -> None:
    later = AT + timedelta(hours=1)
    with database.writing() as session:
        sources.equip(session, source, secret="other", options={"a": 1}, now=later)
    row = _read(database, source.id)
    assert (row.secret, row.options) == ("other", {"max_reads_a_month": 100, "a": 1})
    assert (row.state, row.failures, row.due_at) == (SourceState.ACTIVE, 0, later)
    assert (row.cursor, row.etag) == ({SPENT: ACCOUNT}, None)


def test_options_alone_leave_the_secret(database: Database, source: SourceRow) -> None:
    with database.writing() as session:
        sources.equip(session, source, secret=None, options={"max_reads_a_month": 200}, now=AT)
    row = _read(database, source.id)
    assert (row.secret, row.options) == ("sealed", {"max_reads_a_month": 200})


def test_what_is_removed_keeps_no_secret_and_comes_back_with_its_account(
    database: Database, source: SourceRow
) -> None:
    with database.writing() as session:
        sources.set_state(session, source, SourceState.REMOVED, reason=None, now=AT)
    assert _read(database, source.id).secret is None
    with database.writing() as session:
        sources.add(session, source.course_id, kind="x", url="https://x.com", now=AT)
    row = _read(database, source.id)
    assert (row.secret, row.cursor) == (None, {SPENT: ACCOUNT})


def test_other_hashtags_begin_anew_but_keep_account(database: Database, source: SourceRow) -> None:
    with database.writing() as session:
        sources.set_state(session, source, SourceState.ACTIVE, reason=None, now=AT)
        sources.add(session, source.course_id, kind="feed", url="https://blog.example/f", now=AT)
        changed = COURSE.replace('["sample"]', '["sample", "other"]')
        applying.apply(session, parse(changed), AT)
    with database.reading() as session:
        cursors = {row.kind: row.cursor for row in sources.listed(session)}
    assert cursors == {"x": {SPENT: ACCOUNT}, "feed": {}}
