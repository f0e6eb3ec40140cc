"""Users, their courses, sessions, tokens and tries, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.domain.access import ABSOLUTE, IDLE, NOTED_AFTER, Role, TokenScope
from models.domain.errors import Conflict, Invalid, NotFound
from models.domain.tries import MOST, WITHIN
from models.store import sessions, tokens, tries, users
from models.store.engine import Database
from models.store.users import Account
from models.tables.users import ApiTokenTable, LoginTriesTable, SessionTable, UserTable
from tests.models.store.statuses import AT, instances

ADA = "ada@example.org"
SECOND = timedelta(seconds=1)


@pytest.fixture
def course(database: Database) -> str:
    """The slug of the one there is."""
    instances(database)
    return "sample"


def add(database: Database, email: str = ADA, *slugs: str, role: Role = Role.FACILITATOR) -> str:
    """The new user's id."""
    with database.writing() as session:
        return users.add(
            session, email=email, name="Ada (Muster)", role=role, password="h", slugs=slugs, now=AT
        ).user.id


def account(database: Database, email: str = ADA) -> Account:
    with database.reading() as session:
        return users.get(session, email)


def log_in(database: Database, user_id: str, secret: str) -> None:
    with database.writing() as session:
        sessions.begin(session, user_id, secret, AT)


def is_open(database: Database, secret: str, after: timedelta = SECOND) -> bool:
    with database.reading() as session:
        return sessions.find(session, secret, AT + after) is not None


def test_a_user_is_found_however_the_address_is_written(database: Database, course: str) -> None:
    add(database, " Ada@Example.ORG", course)
    found = account(database, "ADA@example.org")
    assert (found.user.email, found.user.courses) == (ADA, frozenset({course}))
    assert (found.user.role, found.created_at, found.disabled_at) == (Role.FACILITATOR, AT, None)
    with database.reading() as session:
        assert users.find(session, "ben@example.org") is None
        with pytest.raises(NotFound, match="user list"):
            users.get(session, "ben@example.org")
        assert [one.user.email for one in users.listing(session)] == [ADA]


def test_an_address_is_there_once(database: Database) -> None:
    add(database)
    with pytest.raises(Conflict, match=f"{ADA} already"):
        add(database, "ADA@example.org")
    assert account(database).user.role is Role.FACILITATOR


def test_nobody_is_added_for_a_course_that_is_not_there(database: Database) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        add(database, ADA, "nowhere")
    with database.reading() as session:
        assert users.listing(session) == ()


def test_courses_are_set_as_a_whole(database: Database, course: str) -> None:
    add(database)
    for slugs in ((course,), (), (course, course)):
        with database.writing() as session:
            users.set_courses(session, ADA, slugs)
        assert account(database).user.courses == set(slugs)


def test_admins_have_no_courses_of_their_own(database: Database, course: str) -> None:
    with pytest.raises(Invalid, match="all courses"):
        add(database, ADA, course, role=Role.ADMIN)


def test_a_new_password_ends_all_sessions_of_that_user(database: Database) -> None:
    ada, ben = add(database), add(database, "ben@example.org")
    for user, secret in ((ada, "one"), (ada, "two"), (ben, "three")):
        log_in(database, user, secret)
    with database.writing() as session:
        users.set_password(session, ADA, "another hash")
    assert account(database).password == "another hash"
    assert [is_open(database, secret) for secret in ("one", "two", "three")] == [False, False, True]


def test_a_hash_is_renewed_only_where_it_is_still_the_same(database: Database) -> None:
    ada = add(database)
    for old, new in (("h", "renewed"), ("h", "too late")):
        with database.writing() as session:
            users.renew_hash(session, ada, old, new)
        assert account(database).password == "renewed"


def test_who_is_disabled_is_out_until_enabled(database: Database) -> None:
    ada = add(database)
    log_in(database, ada, "one")
    with database.writing() as session:
        assert users.disable(session, ADA, AT)
        assert not users.disable(session, ADA, AT + SECOND)
        assert users.of_id(session, ada) is None
    assert account(database).disabled_at == AT
    assert not is_open(database, "one")
    with database.writing() as session:
        assert users.enable(session, ADA)
        assert not users.enable(session, ADA)
        assert users.of_id(session, ada) == account(database).user
    assert not is_open(database, "one")


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


def begin(database: Database, after: float = 0, *, name: str = ADA, host: str = "a") -> float:
    """Seconds to wait; 0: it may go on."""
    now = AT + timedelta(seconds=after)
    with database.writing() as session:
        free = tries.begin(session, name, host, now)
    return 0 if free is None else (free - now).total_seconds()


def test_ten_tries_for_a_user_wherever_they_come_from(database: Database) -> None:
    assert [begin(database, n, host=f"host {n}") for n in range(MOST)] == [0] * MOST
    assert begin(database, 100, host="another") == 200
    assert begin(database, 100, name="ben@example.org", host="another") == 0
    # What was refused does not count: the first of the ten is over, so one more may go on.
    assert begin(database, 300, host="another") == 0
    assert begin(database, 300.5, host="another") == 0.5


def test_ten_tries_from_an_address_whoever_they_are_for(database: Database) -> None:
    hosts = [f"2001:db8:0:1::{n}" for n in range(MOST)]
    waits = [begin(database, n, name=f"{n}@a.example", host=host) for n, host in enumerate(hosts)]
    assert waits == [0] * MOST
    assert begin(database, 10, host="2001:db8:0:1::99") == 290
    assert begin(database, 10, host="2001:db8:0:2::99") == 0


def test_who_gets_in_starts_anew_but_not_the_address(database: Database) -> None:
    for n in range(MOST):
        begin(database, n)
    begin(database, 0, name="ben@example.org", host="b")
    with database.writing() as session:
        tries.succeeded(session, ADA, "a", AT + timedelta(seconds=9))
    assert begin(database, 10, host="b") == 0
    assert begin(database, 10) == 0  # in place of the one that was right
    assert begin(database, 11) == 289


def test_many_at_once_are_ten(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: begin(database, host=f"host {n % 3}"), range(24)))
    assert waits.count(0) == MOST


def test_tries_that_no_longer_count_are_pruned(database: Database) -> None:
    begin(database)
    for after, left in ((WITHIN - SECOND, 2), (WITHIN, 0)):
        with database.writing() as session:
            tries.prune(session, AT + after)
            assert len(session.scalars(select(LoginTriesTable)).all()) == left
