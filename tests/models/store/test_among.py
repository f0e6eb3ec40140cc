"""Many values in one parameter, on both databases."""

import pytest
from sqlalchemy import select

from models.store.among import among, pairs
from models.store.bulk import insert_rows
from models.store.engine import Database
from models.tables.sources import HostTable

HOSTS = [f"host{number}.example" for number in range(1200)]
ODD = ["it's.example", 'a"b', "\\", "ü", "[1,2]", ""]


@pytest.fixture
def hosts(database: Database) -> Database:
    with database.writing() as session:
        insert_rows(session, HostTable, [{"host": host} for host in (*HOSTS, *ODD)])
    return database


@pytest.mark.parametrize("wanted", [[], HOSTS[:1], ODD, [*HOSTS, "none.example"]])
def test_among(hosts: Database, wanted: list[str]) -> None:
    with hosts.reading() as session:
        found = session.scalars(
            select(HostTable.host).where(among(session, HostTable.host, wanted))
        ).all()
    assert sorted(found) == sorted(set(wanted) - {"none.example"})


def test_pairs_are_a_table(database: Database) -> None:
    wanted = [("a", "b"), ("it's", 'c"d'), ("ü", "")]
    with database.reading() as session:
        table, first, second = pairs(session, wanted)
        found = session.execute(select(first, second).select_from(table)).all()
    assert sorted(map(tuple, found)) == sorted(wanted)
