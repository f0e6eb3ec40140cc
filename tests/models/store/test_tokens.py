"""API tokens, and that no secret is kept, on both databases."""

import pytest
from sqlalchemy import select

from models.domain.access import NOTED_AFTER, TokenScope
from models.domain.errors import Conflict, NotFound
from models.store import tokens, users
from models.store.engine import Database
from models.tables.users import ApiTokenTable, LoginTriesTable, SessionTable, UserTable
from tests.models.store.logins import ADA, SECOND, account, add, begin, log_in
from tests.models.store.statuses import AT


@pytest.fixture
def token(database: Database) -> str:
    """Ada's; its id."""
    add(database)
    with database.writing() as session:
        return tokens.create(
            session, email=ADA, name="report", scope=TokenScope.READ, secret="abc", now=AT
        )


def test_a_token_is_found_by_itself_and_tells_its_last_use(database: Database, token: str) -> None:
    with database.writing() as session:
        assert tokens.find(session, "abcd") is None
        found = tokens.find(session, "abc")
        assert found is not None
        assert (found.id, found.email, found.scope) == (token, ADA, TokenScope.READ)
        assert not found.is_noted(AT)
        tokens.note_use(session, found, AT)
    with database.reading() as session:
        (listed,) = tokens.listing(session)
    assert listed.used_at == AT
    assert listed.is_noted(AT + NOTED_AFTER - SECOND)
    assert not listed.is_noted(AT + NOTED_AFTER)


def test_a_token_that_was_revoked_is_listed_and_worth_nothing(
    database: Database, token: str
) -> None:
    with database.writing() as session:
        assert tokens.revoke(session, token, AT)
        assert not tokens.revoke(session, token, AT + SECOND)
        assert tokens.find(session, "abc") is None
        assert [one.revoked_at for one in tokens.listing(session)] == [AT]
        with pytest.raises(NotFound, match="token list"):
            tokens.revoke(session, "unknown", AT)


def test_who_is_disabled_gets_no_token(database: Database) -> None:
    add(database)
    with database.writing() as session:
        users.disable(session, ADA, AT)
        with pytest.raises(Conflict, match=f"user enable {ADA}"):
            tokens.create(session, email=ADA, name="x", scope=TokenScope.READ, secret="abc", now=AT)


def test_secrets_are_nowhere_in_the_database(database: Database, token: str) -> None:
    secret = "a secret of forty-three characters, at least"
    log_in(database, account(database).user.id, secret)
    begin(database, name="somebody@example.org", host="192.0.2.7")
    with database.reading() as session:
        for table in (UserTable, SessionTable, ApiTokenTable, LoginTriesTable):
            rows = session.execute(select(*table.__table__.columns)).all()
            assert rows
            told = repr(rows)
            assert not any(word in told for word in (secret, "'abc'", "somebody", "192.0.2"))
