"""Users and their courses, on both databases."""

import pytest

from models.domain.access import Role
from models.domain.errors import Conflict, Invalid, NotFound
from models.store import users
from models.store.engine import Database
from tests.models.store.logins import ADA, SECOND, account, add, is_open, log_in
from tests.models.store.statuses import AT, instances


@pytest.fixture
def course(database: Database) -> str:
    """The slug of the one there is."""
    instances(database)
    return "sample"


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
