"""What the databases believe of the tables when they plan."""

import pytest
from sqlalchemy import text

from models.store import planner
from models.store.engine import Database
from tests.models.store.material import Stage, raw
from tests.models.store.plans import watching


def test_statistics_are_there_after_the_first_answer(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL's own")
    stage = Stage(database)
    assert _known(stage) == set()
    stage.bring("ada.example", *(raw(f"p{number}") for number in range(20)))
    assert {"posts", "sightings", "identities", "post_tags"} <= _known(stage)


def _known(stage: Stage) -> set[str]:
    with stage.database.reading() as session:
        return set(
            session.scalars(
                text("SELECT tablename FROM pg_stats WHERE attname = 'course_id'").columns()
            )
        )


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        (0, 1, True),
        (1, 3, False),
        (1, 4, True),
        (300, 1023, False),
        (300, 1024, True),
        (20_000, 70_000, True),
        (70_000, 300_000, False),
        (5, 5, False),
    ],
)
def test_they_are_renewed_with_four_times_as_many(
    database: Database, before: int, now: int, due: bool
) -> None:
    with watching(database) as seen, database.writing() as session:
        planner.look_again(session, before, now)
    renewed = any(said.startswith("ANALYZE") for said in seen.texts)
    assert renewed == (due and not database.is_sqlite)


def test_who_finds_another_at_it_goes_on(database: Database) -> None:
    with database.writing() as session, database.reading() as other:
        planner.look_again(session, 0, 1)
        with watching(database) as seen:
            planner.look_again(other, 0, 1)
    assert not any(said.startswith("ANALYZE") for said in seen.texts)


def test_sqlite_is_told_of_every_index_of_what_grows(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's own")
    with database.reading() as session:
        told = session.execute(text("SELECT tbl, stat FROM sqlite_stat1")).all()
        indexes = session.scalars(
            text(
                "SELECT tables.name FROM pragma_table_list AS tables"
                " JOIN pragma_index_list(tables.name) ORDER BY tables.name"
            )
        ).all()
    grows = {table.__tablename__ for table in planner.GROWING}
    assert sorted(row.tbl for row in told) == [name for name in indexes if name in grows]
    assert all(row.stat.startswith(f"{planner.ROWS} ") for row in told)
