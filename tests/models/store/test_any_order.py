"""The same sightings make the same posts, in whatever order they come."""

import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models.store import schema
from models.store.engine import Database
from models.tables.posts import PostTable, SightingTable
from tests import databases
from tests.models.store.arrivals import BEN, Arrival, Course, blog, relayed, status
from tests.models.store.audit import audit
from tests.models.store.texts import OTHER, STAIRS, STAIRS_MENDED, WEEKLY

TWO = "ada-zwei.example"
STAIRS_URL = "https://ada.example/treppe/"
COPY_URL = f"https://{TWO}/treppe-zwei/"


def world() -> list[Arrival]:
    """Copies, bridges, series, doubles, announcements, answers: all that can be mistaken."""
    stairs = blog("treppe", STAIRS, title="Die Treppe")
    copy = blog("treppe-zwei", STAIRS_MENDED, host=TWO, hours=30, title="Treppen")
    other = blog("pause", OTHER, hours=5, title="Pausenraum")
    elsewhere = blog("pause-neu", OTHER, host=TWO, hours=9, title="Der Pausenraum")
    return [
        stairs,
        copy,
        relayed(stairs),
        relayed(copy, STAIRS_URL),
        other,
        elsewhere,
        relayed(other, elsewhere.raw.url or ""),
        blog("woche-3", WEEKLY.format(topic="Wikis und ihre Gärtner"), hours=1, title="Brief"),
        blog("woche-4", WEEKLY.format(topic="Führung im Netz"), hours=100, title="Brief"),
        blog("brief", WEEKLY.format(topic="Führung im Netz"), host=TWO, hours=101, title="Brief"),
        blog("doppelt-1", OTHER + " Zweimal.", hours=40, title="Doppelt"),
        blog("doppelt-2", OTHER + " Zweimal.", hours=41, title="Doppelt"),
        blog("doppelt-3", OTHER + " Zweimal.", host=TWO, hours=42, title="Doppelt"),
        status(1, f"Neu im Blog: Die Treppe {STAIRS_URL} #sample"),
        status(1, f"Neu im Blog: Die Treppe {STAIRS_URL} #sample", at="far.example"),
        status(2, f"Jetzt auch hier: {COPY_URL} #sample", hours=32),
        status(3, f"Lesetipp: {COPY_URL} #sample", by=BEN, hours=33),
        status(4, f"Beides lesenswert: {STAIRS_URL} {COPY_URL} #sample", by=BEN, hours=34),
        status(5, "Danke! #sample", by=BEN, hours=35),
        blog("antwort", f'{OTHER[:80]} <a href="{STAIRS_URL}">hier</a>', host="ben.example"),
        status(6, STAIRS + " #sample", hours=2),
        status(7, STAIRS + " #sample", hours=3),
    ]


Batches = list[list[int]]


@st.composite
def orders(draw: st.DrawFn) -> tuple[Batches, Batches]:
    """Some of the world, in two orders, each arriving in batches."""
    chosen = draw(st.lists(st.sampled_from(range(len(world()))), unique=True, min_size=2))
    cuts = st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen))
    return (
        _batched(draw(st.permutations(chosen)), draw(cuts)),
        _batched(draw(st.permutations(chosen)), draw(cuts)),
    )


def _batched(ordered: Sequence[int], cuts: Sequence[bool]) -> Batches:
    batches: Batches = [[]]
    for number, cut in zip(ordered, cuts, strict=True):
        if cut and batches[-1]:
            batches.append([])
        batches[-1].append(number)
    return batches


def outcome(database: Database, batches: Batches) -> set[object]:
    """What is there after these arrivals: each post by its copies, and what is said of it."""
    course = Course.of(database)
    everything = world()
    for batch in batches:
        course.take(*(everything[number] for number in batch))
    audit(database)
    return snapshot(database)


def snapshot(database: Database) -> set[object]:
    with database.reading() as session:
        copies: dict[str, set[str]] = {}
        for row in session.scalars(select(SightingTable)):
            if row.post_id is not None:
                copies.setdefault(row.post_id, set()).add(f"{row.source_id} {row.external_id}")
        # Ids of sources differ from database to database.
        names = {
            post_id: frozenset(one.split()[1] for one in them) for post_id, them in copies.items()
        }
        return {
            (
                names[post.id],
                len(copies[post.id]),
                post.kind,
                post.published_at,
                post.visible,
                post.listed,
                post.responses,
                names.get(post.announces_id or ""),
            )
            for post in session.scalars(select(PostTable))
            if post.merged_into is None
        }


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file to copy: migrating takes longer than all else."""
    folder = tmp_path_factory.mktemp("migrated")
    with databases.opened(databases.sqlite_url(folder)) as made:
        schema.migrate(made)
    return folder / "moocfeed.db"


@contextmanager
def fresh(migrated: Path) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        shutil.copy(migrated, folder)
        with databases.opened(databases.sqlite_url(Path(folder))) as made:
            yield made


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(drawn=orders())
def test_on_sqlite(migrated: Path, drawn: tuple[Batches, Batches]) -> None:
    results = []
    for batches in drawn:
        with fresh(migrated) as database:
            results.append(outcome(database, batches))
    assert results[0] == results[1]


def test_on_both(database: Database, migrated: Path) -> None:
    """All of the world, one by one, shuffled: as on an untouched SQLite in the given order."""
    order = list(range(len(world())))
    random.Random(7).shuffle(order)
    found = outcome(database, [[number] for number in order])
    with fresh(migrated) as straight:
        assert found == outcome(straight, [[number] for number in range(len(world()))])
