"""Sessions slide and end, on both databases."""

from datetime import timedelta

from sqlalchemy import select

from models.domain.access import ABSOLUTE, IDLE
from models.store import sessions
from models.store.engine import Database
from models.tables.users import SessionTable
from tests.models.store.logins import SECOND, add, is_open, log_in
from tests.models.store.statuses import AT


def test_a_session_goes_on_while_it_is_used_but_not_for_ever(database: Database) -> None:
    log_in(database, add(database), "one")
    assert is_open(database, "one", IDLE - SECOND)
    assert not is_open(database, "one", IDLE)
    days = timedelta()
    while is_open(database, "one", days):
        with database.writing() as session:
            login = sessions.find(session, "one", AT + days)
            assert login is not None
            assert login.is_noted(AT + days) is (days == timedelta())
            sessions.note_use(session, login, AT + days)
        days += timedelta(days=1)
    assert days == ABSOLUTE


def test_a_session_that_was_ended_is_not_revived(database: Database) -> None:
    log_in(database, add(database), "one")
    with database.writing() as session:
        login = sessions.find(session, "one", AT)
        assert login is not None
        sessions.end(session, "one")
        sessions.note_use(session, login, AT)
    assert not is_open(database, "one")


def test_sessions_that_are_over_are_pruned(database: Database) -> None:
    log_in(database, add(database), "one")
    for after, left in ((IDLE - SECOND, 1), (IDLE, 0)):
        with database.writing() as session:
            sessions.prune(session, AT + after)
            assert len(session.scalars(select(SessionTable)).all()) == left
