"""Sources at a glance, and one of them in full."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, item, rss, site


@pytest.fixture
def source(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Collected once, then failed once."""
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    text = COURSE[: COURSE.index("[[sources]]")]
    assert run("course", "apply", written(tmp_path, text)).code == 0
    with site({"/feed": Page(rss(item(1, "#demo")))}) as blog:
        added = run("source", "add", f"{blog.origin}/feed", "--course", "demo", "--json")
        assert run("collect", "--once").code == 0
    assert run("collect", "--once", "--all").code == 3
    found: str = json.loads(added.out)["id"]
    return found


def test_the_list_says_how_it_is_doing(run: Run, source: str) -> None:
    ran = run("source", "list")
    line = next(line for line in ran.out.splitlines() if source in line)
    assert "failing for" in line
    assert "just now" in line
    assert "takes no connections" in ran.out.splitlines()[-1]
    (row,) = json.loads(run("source", "list", "--json").out)
    assert (row["id"], row["health"], row["has_secret"]) == (source, "failing", False)
    assert not {"secret", "cursor", "delays"} & row.keys()


def test_one_source_with_its_history(run: Run, source: str) -> None:
    shown = json.loads(run("source", "show", source, "--json").out)
    assert [fetch["outcome"] for fetch in shown["fetches"]] == ["failed", "fetched"]
    assert shown["fetches"][1]["new"] == 1
    text = run("source", "show", source).out
    assert "health" in text
    assert "fetched" in text
    assert run("source", "show", "nobody").code == 1


def test_derived_sources_stand_below_their_parent(run: Run, source: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "var" / "moocfeed.db")) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(sources)")]
        values = [
            {"id": "'0child'", "parent_id": f"'{source}'", "url_key": "'x'"}.get(name, f'"{name}"')
            for name in columns
        ]
        db.execute(f"INSERT INTO sources SELECT {', '.join(values)} FROM sources")
    lines = run("source", "list").out.splitlines()
    assert lines[1].startswith(source)
    assert lines[2].startswith("↳ 0child")


def test_stats(run: Run, source: str) -> None:
    found = json.loads(run("stats", "--course", "demo", "--json").out)["coverage"]
    assert [one["id"] for one in found["sources"]] == [source]
    assert found["instances"] == []
    assert len(found["sources"][0]["gaps"]) == 1
    assert source in run("stats", "--course", "demo").out
