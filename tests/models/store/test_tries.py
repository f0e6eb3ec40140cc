"""Tries to log in, counted for all processes together, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from models.domain.tries import MOST, WITHIN
from models.store import tries
from models.store.engine import Database
from models.tables.users import LoginTriesTable
from tests.models.store.logins import ADA, SECOND, begin
from tests.models.store.statuses import AT


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
