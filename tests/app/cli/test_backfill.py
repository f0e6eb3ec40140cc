"""`backfill`: what it prints, how far it goes, and its exit codes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.conftest import Run
from tests.app.cli.test_course import written
from tests.collectors.archives import atom, chain, entry, paged, wordpress
from tests.sites import Page, Site, rss, site

COURSE = """
[course]
slug = "demo"
title = "A sample course"
hashtags = ["sample"]
timezone = "Europe/Berlin"
[[weeks]]
number = 1
title = "Beginning"
starts_on = 2026-11-10
ends_on = 2026-11-30
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A blog made by WordPress, whose feed its homepage names."""
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed/"></html>'
    with site({"/": Page(page, "text/html"), **wordpress(range(2, 20), size=4)}) as served:
        yield served


def course(run: Run, folder: Path, *sources: tuple[str, str]) -> Mapping[str, str]:
    """Applies it with these (kind, url); the sources' ids by url."""
    told = (f'[[sources]]\nkind = "{kind}"\nurl = "{url}"\n' for kind, url in sources)
    assert run("course", "apply", written(folder, COURSE + "".join(told))).code == 0
    rows = json.loads(run("source", "list", "--json").out)
    return {row["url"]: row["id"] for row in rows}


def back(run: Run, *arguments: str, code: int = 0) -> Any:
    ran = run("backfill", "--course", "demo", *arguments, "--json")
    assert ran.code == code, ran.err
    return json.loads(ran.out)


def test_back_to_the_courses_start(run: Run, server: Site, tmp_path: Path) -> None:
    """A blog that was never asked is collected first; the course begins on the tenth."""
    ids = course(run, tmp_path, ("blog", server.origin))
    found = back(run)
    (source,) = found["sources"]
    assert list(found) == ["course", "sources", "posts", "seconds"]
    assert isinstance(found["seconds"], float)
    assert found["posts"] == {"new": 6}
    assert source == {
        "id": ids[server.origin],
        "kind": "blog",
        "url": server.origin,
        "outcome": "complete",
        "new": 6,
        "pages": 4,
        "since": "2026-11-09T23:00:00Z",
        "oldest": "2026-11-04T10:04:00Z",
        "error": None,
    }


def test_a_source_tells_how_far_it_was_read_back(run: Run, server: Site, tmp_path: Path) -> None:
    (source,) = course(run, tmp_path, ("feed", f"{server.origin}/feed/")).values()
    run("collect", "--once")
    assert json.loads(run("source", "show", source, "--json").out)["backfill"] is None
    assert "backfill" not in run("source", "show", source).out
    back(run)
    assert json.loads(run("source", "show", source, "--json").out)["backfill"] == {
        "done": True,
        "since": "2026-11-09T23:00:00Z",
        "oldest": "2026-11-04T10:04:00Z",
        "pages": 4,
        "new": 6,
    }
    told = "read back to 2026-11-04T10:04:00Z in 4 pages, 6 new; complete"
    assert told in run("source", "show", source).out


def test_further_back_by_the_courses_calendar(run: Run, server: Site, tmp_path: Path) -> None:
    course(run, tmp_path, ("feed", f"{server.origin}/feed/"))
    back(run)
    server.requests.clear()
    (source,) = back(run)["sources"]
    assert (source["outcome"], source["pages"], server.requests) == ("complete", 0, [])
    (source,) = back(run, "--again")["sources"]
    assert (source["new"], paged(server.requests)) == (0, ["1", "2", "3", "4"])
    server.requests.clear()
    (source,) = back(run, "--since", "2026-11-05")["sources"]
    assert (source["new"], source["since"]) == (5, "2026-11-04T23:00:00Z")
    assert paged(server.requests) == ["3", "4", "5"]


def test_the_report_for_people(run: Run, server: Site, tmp_path: Path) -> None:
    server.pages["/plain"] = Page(rss())
    server.pages["/a/feed"] = Page(atom(entry(18, day=18), older="/gone"))
    urls = [f"{server.origin}{path}" for path in ("/feed/", "/plain", "/a/feed")]
    ids = course(run, tmp_path, *(("feed", url) for url in urls))
    ran = run("backfill", "--course", "demo")
    assert ran.code == 3
    lines = {line.split()[0]: line for line in ran.out.splitlines()}
    for url, words in zip(urls, ("complete", "no past", "failed"), strict=True):
        assert words in lines[ids[url]]
        assert url in lines[ids[url]]
    assert "2026-11-04" in lines[ids[urls[0]]]
    assert "1 complete, 1 no past, 1 failed." in ran.out
    assert "Posts: 6 new." in ran.out
    assert f"No past: {ids[urls[1]]}" in ran.err
    assert f"Failed: {ids[urls[2]]}" in ran.err
    assert "404" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_one_source(run: Run, server: Site, tmp_path: Path) -> None:
    pages = chain([[18], [12]])
    server.pages |= {"/other": pages["/feed"], "/archive/1": pages["/archive/1"]}
    urls = [f"{server.origin}{path}" for path in ("/feed/", "/other")]
    ids = course(run, tmp_path, *(("feed", url) for url in urls))
    run("collect", "--once")
    server.requests.clear()
    found = back(run, "--source", ids[urls[1]])
    assert [source["url"] for source in found["sources"]] == [urls[1]]
    assert server.requests == ["/other", "/archive/1"]


def test_one_that_is_paused_is_no_failure(run: Run, server: Site, tmp_path: Path) -> None:
    ids = course(run, tmp_path, ("feed", f"{server.origin}/feed/"))
    (source_id,) = ids.values()
    run("source", "pause", source_id)
    ran = run("backfill", "--course", "demo")
    assert ran.code == 0
    assert "skipped" in ran.out
    assert f"moocfeed source resume {source_id}" in ran.err
    assert server.requests == []


def test_a_course_without_sources(run: Run, server: Site, tmp_path: Path) -> None:
    course(run, tmp_path)
    assert back(run)["sources"] == []
    assert "moocfeed source add" in run("backfill", "--course", "demo").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--course", "nobody"], 1, "moocfeed course list"),
        (["--course", "demo", "--source", "nobody"], 1, "moocfeed source list"),
        (["--course", "demo", "--since", "long ago"], 2, "--since"),
        (["--course", "demo", "--since", "9999-01-01"], 2, "has not come yet"),
        ([], 2, "--course"),
    ],
)
def test_what_cannot_be_done(
    run: Run, server: Site, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    course(run, tmp_path)
    ran = run("backfill", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
