"""`collect --once`: its summary to the letter, what it is narrowed to, and its exit codes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, Site, item, rss, site

FEED = rss(item(1, "Ein Beitrag #demo"), item(2, "Ein anderer"), item(3, "Noch einer #Demo"))


@pytest.fixture
def blog(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two feeds of one course: `/feed` answers, `/broken` does not."""
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    with site({"/feed": Page(FEED), "/broken": Page(b"", status=500)}) as served:
        sources = "".join(
            f'[[sources]]\nkind = "feed"\nurl = "{served.origin}{path}"\n'
            for path in ("/feed", "/broken")
        )
        text = COURSE[: COURSE.index("[[sources]]")] + sources
        assert run("course", "apply", written(tmp_path, text)).code == 0
        yield served


def ids(run: Run) -> dict[str, str]:
    """Path -> source's id."""
    rows = json.loads(run("source", "list", "--json").out)
    return {"/" + row["url"].rsplit("/", 1)[1]: row["id"] for row in rows}


def summary(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    assert list(found) == ["sources", "posts", "seconds"]
    assert list(found["sources"]) == ["fetched", "unchanged", "failed"]
    assert list(found["posts"]) == ["new", "changed", "withdrawn"]
    assert isinstance(found["seconds"], float)
    return found


def test_the_summary_as_json(run: Run, blog: Site) -> None:
    ran = run("collect", "--once", "--json")
    assert ran.code == 3
    found = summary(ran.out)
    assert found["sources"] == {"fetched": 1, "unchanged": 0, "failed": 1}
    assert found["posts"] == {"new": 2, "changed": 0, "withdrawn": 0}
    assert ran.out.count("\n") == 1
    assert f"{blog.origin}/broken" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_the_summary_for_people(run: Run, blog: Site) -> None:
    ran = run("collect", "--once")
    assert "1 fetched, 0 unchanged, 1 failed." in ran.out
    assert "Posts: 2 new, 0 changed, 0 withdrawn." in ran.out


def test_only_what_is_due(run: Run, blog: Site) -> None:
    run("collect", "--once")
    again = run("collect", "--once", "--json")
    assert (again.code, sum(summary(again.out)["sources"].values())) == (0, 0)
    every = summary(run("collect", "--once", "--all", "--json").out)
    assert every["sources"] == {"fetched": 0, "unchanged": 1, "failed": 1}


def test_one_source_is_asked_due_or_not(run: Run, blog: Site) -> None:
    run("collect", "--once")
    blog.requests.clear()
    ran = run("collect", "--once", "--source", ids(run)["/feed"], "--json")
    assert (ran.code, summary(ran.out)["sources"]["unchanged"]) == (0, 1)
    assert set(blog.requests) == {"/feed"}


def test_a_source_that_is_not_asked_says_how_to_ask_it_again(run: Run, blog: Site) -> None:
    source = ids(run)["/feed"]
    run("source", "pause", source)
    ran = run("collect", "--once", "--source", source)
    assert (ran.code, ran.out, blog.requests) == (1, "", [])
    assert f"{source} is paused" in ran.err
    assert f"moocfeed source resume {source}" in ran.err
    run("source", "remove", source)
    ran = run("collect", "--source", source)
    assert (ran.code, ran.out) == (1, "")
    assert f"moocfeed source add {blog.origin}/feed" in ran.err


def test_one_course(run: Run, blog: Site, tmp_path: Path) -> None:
    other = COURSE[: COURSE.index("[[sources]]")].replace('"demo"', '"other"')
    run("course", "apply", written(tmp_path, other))
    assert (
        sum(
            summary(run("collect", "--once", "--course", "other", "--json").out)["sources"].values()
        )
        == 0
    )
    assert blog.requests == []
    ran = run("collect", "--once", "--course", "demo", "--json")
    assert summary(ran.out)["posts"]["new"] == 2


def test_hosts_that_rest_are_named(run: Run, blog: Site) -> None:
    """Whatever `--all` says, a host that wants no request is left alone."""
    blog.pages["/broken"] = Page(b"", status=429, headers={"Retry-After": "3600"})
    assert run("collect", "--once", "--all").code == 3
    blog.requests.clear()
    ran = run("collect", "--once", "--all", "--json")
    assert (ran.code, blog.requests) == (3, [])
    assert sum(summary(ran.out)["sources"].values()) == 0
    assert re.search(
        rf"^Resting: {re.escape(blog.netloc)} asked to be left alone until \S+Z; 2 sources wait",
        ran.err,
        re.MULTILINE,
    )
    ran = run("collect", "--once", "--source", ids(run)["/feed"])
    assert (ran.code, blog.requests) == (3, [])
    assert "a source waits" in ran.err


def test_hosts_that_rest_in_vain_are_not_named(run: Run, blog: Site) -> None:
    blog.pages["/broken"] = Page(b"", status=429, headers={"Retry-After": "3600"})
    run("collect", "--once", "--source", ids(run)["/feed"])
    run("collect", "--once", "--source", ids(run)["/broken"])
    ran = run("collect", "--once")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--once", "--course", "nobody"], 1, "moocfeed course list"),
        (["--once", "--source", "nobody"], 1, "moocfeed source list"),
        (["--course", "nobody"], 1, "moocfeed course list"),
        (["--all"], 2, "--once"),
        (["--once", "--speed", "9"], 2, "--speed"),
    ],
)
def test_what_cannot_be_collected(run: Run, arguments: list[str], code: int, words: str) -> None:
    ran = run("collect", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
