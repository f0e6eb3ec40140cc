"""What is due, and which of it has to wait."""

from datetime import timedelta

import pytest

from models.domain.source import SourceState
from models.store import leases, schedule, sources
from models.store.engine import Database
from models.store.schedule import Resting
from tests.models.store.material import AT, Stage, fresh

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Two hosts that want to be left alone, for one hour and for two, and one that does not."""
    made = Stage(database)
    for host in ("ada.example", "ben.example", "cy.example"):
        made.source(host)
    with database.writing() as session:
        leases.wait_until(session, "ben.example", AT + HOUR)
        leases.wait_until(session, "ada.example", AT + 2 * HOUR)
    return made


def resting(stage: Stage, after: timedelta = timedelta(), **narrowed: str) -> list[Resting]:
    with stage.database.reading() as session:
        return list(schedule.resting(session, AT + after, **narrowed))


def test_hosts_that_rest_though_sources_of_them_are_due(stage: Stage) -> None:
    both = [Resting("ben.example", AT + HOUR, 1), Resting("ada.example", AT + 2 * HOUR, 1)]
    assert resting(stage) == both
    assert resting(stage, HOUR) == both[1:]
    assert resting(stage, 2 * HOUR) == []


def test_those_of_a_course_or_a_source(stage: Stage) -> None:
    other = fresh(stage.database)
    with stage.database.writing() as session:
        for name in ("one", "two"):
            url = f"https://ben.example/{name}"
            sources.add(session, other.course_id, kind="feed", url=url, now=AT)
    assert [one.sources for one in resting(stage)] == [3, 1]
    assert resting(stage, course=other.course.slug) == [Resting("ben.example", AT + HOUR, 2)]
    (ada,) = resting(stage, source=stage.source_ids["ada.example"])
    assert (ada.host, ada.sources) == ("ada.example", 1)


def test_what_is_paused_waits_for_nothing(stage: Stage) -> None:
    with stage.database.writing() as session:
        ben = sources.get(session, stage.source_ids["ben.example"])
        sources.set_state(session, ben, SourceState.PAUSED, reason="by hand", now=AT)
    assert [one.host for one in resting(stage)] == ["ada.example"]
