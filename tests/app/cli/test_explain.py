"""Why a post, a blog or an account is in the feed, or why not, with the mend."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, item, rss, site

FEED = rss(
    item(1, "Ein Beitrag #demo"), item(2, "Ein anderer #demos und #essen"), item(3, "Noch einer")
)


@pytest.fixture
def course(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    text = COURSE[: COURSE.index("[[sources]]")]
    assert run("course", "apply", written(tmp_path, text)).code == 0
    return "demo"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "moocfeed.db"


def explained(run: Run, url: str, *more: str) -> dict[str, Any]:
    ran = run("explain", url, "--course", "demo", "--json", *more)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def failing(found: dict[str, Any]) -> list[str]:
    return [step["name"] for step in found["steps"] if not step["ok"]]


def test_the_whole_way_of_a_feed(run: Run, course: str, file: Path) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        feed = f"{blog.origin}/feed"
        source = json.loads(run("source", "add", feed, "--course", course, "--json").out)["id"]
        waiting = explained(run, feed, "--no-look")
        assert failing(waiting) == ["fetch"]
        assert f"moocfeed collect --once --source {source}" in waiting["mend"]
        assert run("collect", "--once").code == 0

        whole = explained(run, feed)
        assert whole["shown"]
        assert "1 of 3 entries" in whole["steps"][-1]["finding"]

        shown = explained(run, "https://blog.example/1")
        assert (shown["shown"], shown["mend"]) == (True, None)
        assert shown["post"]
        assert [step["name"] for step in shown["steps"]] == ["entry", "rule", "post"]
        assert "#demo" in shown["steps"][1]["evidence"]

        slip = explained(run, "http://www.blog.example/2/", "--no-look")
        assert failing(slip) == ["rule"]
        assert "#demos is not #demo" in slip["mend"]
        assert any("#essen" in line for line in slip["steps"][-1]["evidence"])

        untagged = explained(run, "https://blog.example/3", "--no-look")
        assert "Write #demo into the post" in untagged["mend"]

        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE posts SET hidden = 1, visible = 0")
        assert "hid it" in explained(run, "https://blog.example/1")["steps"][-1]["finding"]
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE posts SET hidden = 0, held = 1")
        assert "approve" in explained(run, "https://blog.example/1")["mend"]

        assert run("source", "pause", source).code == 0
        paused = explained(run, feed, "--no-look")
        assert f"moocfeed source resume {source}" in paused["mend"]


def test_a_feed_that_fails(run: Run, course: str) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        feed = f"{blog.origin}/feed"
        assert run("source", "add", feed, "--course", course).code == 0
    assert run("collect", "--once").code == 3
    found = explained(run, feed, "--no-look")
    assert failing(found) == ["fetch"]
    assert "failed" in found["steps"][-1]["evidence"][0]


def test_nobody_knows_it_yet(run: Run, course: str) -> None:
    stranger = explained(run, "https://stranger.example/post", "--no-look")
    assert failing(stranger) == ["source"]
    assert "moocfeed source add https://stranger.example/post" in stranger["mend"]
    with site({"/": Page(FEED), "/feed": Page(FEED)}) as blog:
        look = explained(run, f"{blog.origin}/feed")
        assert look["steps"][-1]["ok"]
        assert "1 of its entries" in look["steps"][-1]["finding"]


def test_for_people(run: Run, course: str) -> None:
    ran = run("explain", "https://stranger.example/post", "--course", course, "--no-look")
    assert ran.out.splitlines()[0] == "https://stranger.example/post is not in the feed."
    assert ran.out.splitlines()[-1].startswith("→ Register")
    assert run("explain", "https://x.example/", "--course", "nobody").code == 1
