"""The past of a course that began to collect late: killed in the middle, beside a collector."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.collectors.archives import chain, paged, wordpress
from tests.servers.mastodon import Instance
from tests.servers.web import Request, Response, Served, served
from tests.sites import Page, Site, site
from tests.system.service import Installation, alive, end
from tests.system.terminal import CTRL_C, terminal
from tests.system.test_kill import let_leases_run_out, log_of_changes, stored
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COURSE = """
[course]
slug = "sample"
title = "A sample course"
hashtags = ["sample"]
[[weeks]]
number = 1
title = "Beginning"
starts_on = 2026-10-12
"""
DAYS = range(1, 19)
STATUSES = 180
WINDOW = timedelta(seconds=2)
LIMIT = 5


@dataclass
class Limited:
    """An instance that counts requests in windows, as Mastodon does, and how many come at once."""

    made: Instance = field(default_factory=Instance)
    reset: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    left: int = 0
    refused: int = 0
    under_way: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    silent: threading.Event = field(default_factory=threading.Event)
    """While it is set, nothing is answered."""

    def answer(self, request: Request) -> Response:
        wait_for(lambda: not self.silent.is_set())
        with self.lock:
            self.under_way += 1
            self.at_once = max(self.at_once, self.under_way)
            allowed = self._count()
        try:
            time.sleep(0.02)  # as long as an answer takes
            answer = self.made.answer(request) if allowed else Response(b"{}", 429)
        finally:
            with self.lock:
                self.under_way -= 1
        return Response(answer.body, answer.status, headers=self._headers())

    def _count(self) -> bool:
        now = datetime.now(UTC)
        if now >= self.reset:
            self.left, self.reset = LIMIT, now + WINDOW
        allowed = self.left > 0
        self.left -= allowed
        self.refused += not allowed
        return allowed

    def _headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": self.reset.isoformat(),
        }


@dataclass
class Past:
    """A blog made by WordPress, a feed with archives, a timeline."""

    blog: Site
    archive: Site
    instance: Served
    limited: Limited

    def course(self) -> str:
        sources = (
            ("blog", self.blog.origin),
            ("feed", f"{self.archive.origin}/feed"),
            ("mastodon", self.instance.origin),
        )
        told = (f'[[sources]]\nkind = "{kind}"\nurl = "{url}"\n' for kind, url in sources)
        return COURSE + "".join(told)

    @property
    def timeline(self) -> list[str | None]:
        """The pages asked for."""
        asked = [each for each in self.instance.requests if "/timelines/" in each.path]
        return [each.value("max_id") for each in asked]


@pytest.fixture
def past() -> Iterator[Past]:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed/"></html>'
    limited = Limited()
    limited.made.domain = "social.example"
    begin = datetime(2026, 11, 24, tzinfo=UTC)
    for number in range(STATUSES):
        at = begin - timedelta(hours=STATUSES - number)
        limited.made.post(f"Sample {number} #sample", created_at=at.isoformat())
    with contextlib.ExitStack() as stack:
        pages = {"/": Page(page, "text/html"), **wordpress(DAYS)}
        blog = stack.enter_context(site(pages))
        months = [[number] for number in reversed(DAYS)]
        archive = stack.enter_context(site(chain(months), "127.0.0.2"))
        instance = stack.enter_context(served(limited.answer, "127.0.0.3"))
        yield Past(blog, archive, instance, limited)


def install(past: Past, folder: Path) -> Installation:
    folder.mkdir(exist_ok=True)
    made = Installation(folder, {"MOOCFEED_FETCH_ALLOW": "127.0.0.0/8"})
    (folder / "course.toml").write_text(past.course(), encoding="utf-8")
    made.run("course", "apply", "course.toml")
    return made


def kill(process: Any) -> None:
    """SIGKILL, and no child is left."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    wait_for(lambda: not [child for child in children if alive(child)], 10)


def test_killed_in_the_middle_it_goes_on_where_it_was(past: Past, tmp_path: Path) -> None:
    whole = install(past, tmp_path / "whole")
    found = whole.run_json("backfill", "--course", "sample")
    assert {source["outcome"] for source in found["sources"]} == {"complete"}
    assert past.limited.refused == 0
    disturbed = install(past, tmp_path / "disturbed")
    disturbed.run("collect", "--once")
    for requests in (past.blog.requests, past.archive.requests, past.instance.requests):
        requests.clear()
    for round_ in range(1, 4):
        process = disturbed.start("backfill", "--course", "sample")
        wait_for(lambda: len(past.blog.requests) >= 1 + 2 * round_)  # noqa: B023
        kill(process)
        let_leases_run_out(disturbed)
    again = disturbed.run_json("backfill", "--course", "sample")
    assert {source["outcome"] for source in again["sources"]} == {"complete"}
    assert stored(disturbed) == stored(whole)
    changes = log_of_changes(disturbed)
    assert [revision for revision, _, _ in changes] == list(range(1, len(changes) + 1))
    new = [post_id for _, change, post_id in changes if change == "post"]
    assert len(new) == len(set(new)) == len(stored(disturbed)["posts"])
    # A page that was under way is asked for again, no other.
    pages = [str(number) for number in range(1, 11)]
    assert sorted(set(paged(past.blog.requests)), key=int) == pages
    assert len(past.blog.requests) <= len(pages) + 3
    assert len(past.archive.requests) <= len(DAYS) + 3
    assert len(past.timeline) <= len(set(past.timeline)) + 3
    before = len(past.blog.requests), len(past.archive.requests), len(past.timeline)
    last = disturbed.run_json("backfill", "--course", "sample")
    assert {source["outcome"] for source in last["sources"]} == {"complete"}
    assert (len(past.blog.requests), len(past.archive.requests), len(past.timeline)) == before


def test_beside_a_collector_no_host_is_asked_twice_at_once(past: Past, tmp_path: Path) -> None:
    installation = install(past, tmp_path)
    collector = installation.start("collect")
    try:
        found = installation.run_json("backfill", "--course", "sample")
    finally:
        assert end(collector) == 0
    assert {source["outcome"] for source in found["sources"]} == {"complete"}
    assert past.limited.at_once == 1
    urls = [post[0] for post in stored(installation)["posts"]]
    assert len(urls) == len(set(urls)) == len(DAYS) + STATUSES


def test_on_a_terminal(past: Past, tmp_path: Path) -> None:
    """A line for each source, and Ctrl+C keeps what was read."""
    installation = install(past, tmp_path)
    installation.run("collect", "--once")
    past.limited.silent.set()  # else a fast run has ended before a key is pressed
    with terminal(installation, "backfill", "--course", "sample", columns=140) as screen:
        screen.until("Looking back")
        screen.until("page 3")
        screen.press(CTRL_C)
        assert screen.end() == 1
        past.limited.silent.clear()
        assert "what was collected is kept" in screen.shown
        assert "Traceback" not in screen.shown
    with terminal(installation, "backfill", "--course", "sample", columns=140) as screen:
        assert screen.end() == 0
        assert "3 complete" in screen.shown
    rows = json.loads(installation.run("backfill", "--course", "sample", "--json"))["sources"]
    assert all(row["pages"] == 0 for row in rows)
