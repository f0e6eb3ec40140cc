"""Random histories: arrivals, edits, withdrawals, splits. Whatever is derived stays exact."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.domain.errors import Conflict
from models.store import splitting
from models.store.engine import Database
from models.tables.posts import SightingTable
from tests.models.store.arrivals import Arrival, Course
from tests.models.store.audit import audit
from tests.models.store.test_any_order import fresh, migrated, world

__all__ = ["migrated"]

STEPS = ("arrive", "arrive", "arrive", "edit", "withdraw", "untag", "split")


def live_through(database: Database, seed: int, steps: int) -> None:
    """A history that follows from the seed; it is audited after each step."""
    chance = random.Random(seed)
    course = Course.of(database)
    there: list[Arrival] = []
    for _ in range(steps):
        step = chance.choice(STEPS)
        if step == "arrive" or not there:
            some = chance.sample(world(), chance.randint(1, 3))
            there += some
            course.take(*some)
        elif step == "edit":
            course.take(_edited(chance, chance.choice(there)))
        elif step == "withdraw":
            course.take(withdrawn=[chance.choice(there)])
        elif step == "untag":
            arrival = chance.choice(there)
            course.take(replace(arrival, raw=replace(arrival.raw, content="<p>x</p>", tags=())))
        else:
            _split(course, chance)
        audit(database)


def _edited(chance: random.Random, arrival: Arrival) -> Arrival:
    """Another text altogether, or its own with a link more, or shortened to a summary."""
    content = chance.choice(
        [
            chance.choice(world()).raw.content,
            arrival.raw.content + '<p><a href="https://ada.example/pause/">dies</a></p>',
            arrival.raw.content[:230],
        ]
    )
    return replace(arrival, raw=replace(arrival.raw, content=content))


def _split(course: Course, chance: random.Random) -> None:
    with course.database.writing() as session:
        parts = session.scalars(
            select(SightingTable.own_id).where(SightingTable.own_id.is_not(None)).distinct()
        ).all()
        try:
            splitting.split(session, course.id, chance.choice(sorted(map(str, parts))), course.now)
        except Conflict:
            return


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_on_sqlite(migrated: Path, seed: int) -> None:
    with fresh(migrated) as database:
        live_through(database, seed, 15)


@pytest.mark.parametrize("seed", [1, 2])
def test_on_both(database: Database, seed: int) -> None:
    live_through(database, seed, 25)
