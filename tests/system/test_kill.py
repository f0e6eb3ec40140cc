"""SIGKILL at any moment loses nothing and doubles nothing."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.demo.servers import SampleWeb
from tests.system.conftest import install
from tests.system.service import Installation, alive
from tests.waiting import wait_for

pytestmark = pytest.mark.system

KILLS = 30
SLOWLY = {"MOOCFEED_FETCH_CONCURRENCY": "3"}
"""Few requests at once, so that every moment of a run is met."""


def stored(installation: Installation) -> dict[str, Any]:
    """What was collected, without the ids and times of this very installation."""
    with closing(sqlite3.connect(installation.folder / "var" / "moocfeed.db")) as connection:
        posts = connection.execute(
            "SELECT p.url, p.kind, p.published_at, p.responses, p.visible, s.title, s.content_html,"
            " s.author_name, s.hashtags, s.links FROM posts p JOIN sightings s"
            " ON s.course_id = p.course_id AND s.source_id = p.shown_source_id"
            " AND s.entry_key = p.shown_entry_key ORDER BY p.url"
        ).fetchall()
        sightings = connection.execute(
            "SELECT s.external_id, s.state, s.reason, o.url FROM sightings s"
            " JOIN sources o ON o.course_id = s.course_id AND o.id = s.source_id"
            " ORDER BY o.url, s.external_id, s.state"
        ).fetchall()
        edges = connection.execute(
            "SELECT a.url, e.kind, coalesce(b.url, e.target_key) FROM edges e"
            " JOIN posts a ON a.id = e.post_id LEFT JOIN posts b ON b.id = e.target_key"
            " ORDER BY 1, 2, 3"
        ).fetchall()
        found = connection.execute("SELECT count(*) FROM post_search").fetchone()
    return {"posts": posts, "sightings": sightings, "edges": edges, "documents": found}


def log_of_changes(installation: Installation) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(installation.folder / "var" / "moocfeed.db")) as connection:
        return connection.execute(
            "SELECT revision, change, post_id FROM changes ORDER BY revision"
        ).fetchall()


def let_leases_run_out(installation: Installation) -> None:
    """As if the next collector were started half a minute later."""
    with closing(sqlite3.connect(installation.folder / "var" / "moocfeed.db")) as db, db:
        db.execute("UPDATE hosts SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")


@pytest.fixture(scope="module")
def course() -> Any:
    with SampleWeb() as sample:
        yield sample


def test_killed_thirty_times(course: SampleWeb, tmp_path: Path) -> None:
    undisturbed = install(course, tmp_path / "undisturbed")
    undisturbed.run("collect", "--once", code=3)
    undisturbed.run("collect", "--once", "--all", code=None)  # replies to what there is by now
    disturbed = install(course, tmp_path / "disturbed", **SLOWLY)
    chance = random.Random(20141006)
    for _ in range(KILLS):
        process = disturbed.start("collect", "--once", "--all")
        time.sleep(0.5 + chance.random() * 1.2)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        wait_for(lambda: not [child for child in children if alive(child)], 10)  # noqa: B023
        let_leases_run_out(disturbed)
    for _ in range(2):
        disturbed.run("collect", "--once", "--all", code=None)
    assert stored(disturbed) == stored(undisturbed)
    changes = log_of_changes(disturbed)
    assert [revision for revision, _, _ in changes] == list(range(1, len(changes) + 1))
    new = [post_id for _, change, post_id in changes if change == "post"]
    assert len(new) == len(set(new)) == len(stored(undisturbed)["posts"])


def test_two_collectors_at_once(course: SampleWeb, tmp_path: Path) -> None:
    alone = install(course, tmp_path / "alone")
    alone.run("collect", "--once", code=3)
    together = install(course, tmp_path / "together")
    running = [together.start("collect", "--once", "--json") for _ in range(3)]
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode in {0, 3}
    assert stored(together) == stored(alone)
