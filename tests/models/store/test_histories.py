"""Random histories: arrivals, edits, withdrawals, splits, and what facilitators do beside them.

Whatever is derived or counted along stays exact.
"""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from models.domain.errors import Conflict
from models.store import erasing, reassigning, reprojecting, splitting, withdrawing
from models.store.engine import Database
from models.tables.people import ParticipantTable
from models.tables.posts import PostTable, SightingTable
from tests.models.store.arrivals import Arrival, Course
from tests.models.store.audit import audit
from tests.models.store.test_any_order import fresh, migrated, world

__all__ = ["migrated"]

STEPS = (
    *("arrive", "arrive", "arrive", "edit", "withdraw", "untag", "split"),
    *("hide", "erase", "hand over", "take source out"),
)
LINKS = ("https://ada.example/pause/", "https://reading.example/one", "http://reading.example/one/")


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
        elif step == "split":
            _split(course, chance)
        else:
            _decide(step, course, chance)
        audit(database)


def _edited(chance: random.Random, arrival: Arrival) -> Arrival:
    """Another text altogether, or its own with a link more, or shortened to a summary."""
    content = chance.choice(
        [
            chance.choice(world()).raw.content,
            f'{arrival.raw.content}<p><a href="{chance.choice(LINKS)}">dies</a></p>',
            arrival.raw.content[:230],
        ]
    )
    return replace(arrival, raw=replace(arrival.raw, content=content))


def _split(course: Course, chance: random.Random) -> None:
    with course.database.writing() as session:
        parts = session.scalars(
            select(SightingTable.own_id).where(SightingTable.own_id.is_not(None)).distinct()
        ).all()
        if not parts:
            return
        try:
            splitting.split(session, course.id, chance.choice(sorted(map(str, parts))), course.now)
        except Conflict:
            return


def _decide(step: str, course: Course, chance: random.Random) -> None:
    """What is decided about one of the posts, or one of the sources."""
    source = course.hosts[chance.choice(sorted(course.hosts))]
    with course.database.writing() as session:
        post_id = chance.choice(sorted(session.scalars(select(PostTable.id))))
        if step == "hide":
            chosen = PostTable.id == post_id
            session.execute(update(PostTable).where(chosen).values(hidden=~PostTable.hidden))
            reprojecting.reproject(session, course.id, course.now)
        elif step == "erase":
            erasing.erase_posts(session, course.id, [post_id], course.now)
        elif step == "hand over":
            people = sorted(session.scalars(select(ParticipantTable.id)))
            reassigning.hand_over(session, source, chance.choice([*people, None]), course.now)
        else:
            withdrawing.withdraw_source(session, course.id, source.id, course.now)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_on_sqlite(migrated: Path, seed: int) -> None:
    with fresh(migrated) as database:
        live_through(database, seed, 15)


@pytest.mark.parametrize("seed", [1, 2])
def test_on_both(database: Database, seed: int) -> None:
    live_through(database, seed, 25)
