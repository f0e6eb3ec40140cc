"""Leases on hosts: one collector at a time, and nobody waits for a dead one for long."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from models.store import leases
from models.store.engine import Database
from models.store.leases import LEASE
from models.tables.sources import HostTable

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
LATER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def hosts(database: Database) -> Database:
    """Three hosts, of which two are due."""
    with database.writing() as session:
        for number, host in enumerate(("a.example", "b.example", "c.example")):
            leases.ensure_host(session, host)
            due = NOW + timedelta(minutes=number - 1)
            session.execute(update(HostTable).where(HostTable.host == host).values(due_at=due))
    return database


def claim(database: Database, now: datetime = NOW, slots: int = 10) -> list[leases.Claim]:
    with database.writing() as session:
        return leases.claim(session, now, slots=slots)


def take(database: Database, host: str, now: datetime = NOW) -> str | None:
    with database.writing() as session:
        return leases.take(session, host, now)


def test_what_is_due_is_claimed_once_longest_waiting_first(hosts: Database) -> None:
    assert [host for host, _ in claim(hosts, slots=1)] == ["a.example"]
    assert [host for host, _ in claim(hosts)] == ["b.example"]
    assert claim(hosts) == []


def test_a_lease_that_ran_out_is_taken_over_and_the_old_token_is_worth_nothing(
    hosts: Database,
) -> None:
    (old,) = claim(hosts, slots=1)
    assert take(hosts, "a.example", NOW + LEASE - timedelta(seconds=1)) is None
    new = "a.example", take(hosts, "a.example", LATER) or ""
    with hosts.writing() as session:
        assert leases.held(session, [old, new]) == {new}
        assert leases.renew(session, [old, new], LATER) == {new}
        leases.release(session, [old])
    assert take(hosts, "a.example", LATER) is None


def test_renewing_lengthens_a_lease_also_one_that_ran_out_and_nobody_took(hosts: Database) -> None:
    (mine,) = claim(hosts, slots=1)
    with hosts.writing() as session:
        assert leases.renew(session, [mine], LATER) == {mine}
    assert take(hosts, "a.example", LATER + LEASE / 2) is None


def test_both_of_two_claims_on_one_host_are_looked_at(hosts: Database) -> None:
    """A collector that was suspended may have claimed a host anew while an old run still ends."""
    (old,) = claim(hosts, slots=1)
    (new,) = claim(hosts, LATER, slots=1)
    for order in ([old, new], [new, old]):
        with hosts.writing() as session:
            assert leases.renew(session, order, LATER) == {new}
    with hosts.writing() as session:
        leases.release(session, [new, old])
    assert take(hosts, "a.example", LATER) is not None


def test_a_resting_host_is_neither_claimed_nor_taken(hosts: Database) -> None:
    until = NOW + timedelta(hours=1)
    with hosts.writing() as session:
        leases.wait_until(session, "a.example", until)
    assert [host for host, _ in claim(hosts)] == ["b.example"]
    assert take(hosts, "a.example") is None
    with hosts.reading() as session:
        assert leases.rests_until(session, "a.example", NOW) == until
        assert leases.rests_until(session, "a.example", until) is None
        assert leases.rests_until(session, "nowhere.example", NOW) is None
    assert take(hosts, "a.example", until) is not None


def test_a_lease_from_before_the_clock_went_back_holds_nobody_up(hosts: Database) -> None:
    claim(hosts, NOW + timedelta(hours=1))
    assert take(hosts, "a.example", NOW) is not None


def test_a_host_nobody_knows_yet_can_be_taken(hosts: Database) -> None:
    assert take(hosts, "new.example") is not None
    assert take(hosts, "new.example") is None


def test_of_many_at_once_each_host_goes_to_one(hosts: Database) -> None:
    claims: list[leases.Claim] = []
    together = threading.Barrier(8)

    def collector() -> None:
        together.wait(20)
        claims.extend(claim(hosts, NOW + timedelta(minutes=5)))

    threads = [threading.Thread(target=collector) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(host for host, _ in claims) == ["a.example", "b.example", "c.example"]
