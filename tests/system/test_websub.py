"""Push, end to end: a hub, a blog, the service and its collector as they run."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from tests.servers.hub import hub
from tests.sites import Page, item, rss, site
from tests.system.service import Installation, all_posts, answers, end, free_port
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COURSE = """
[course]
slug = "pushed"
title = "A pushed sample"
hashtags = ["demo"]
"""


def test_posts_come_by_push_and_by_polling_when_push_stops(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    here = Installation(
        tmp_path, {"MOOCFEED_FETCH_ALLOW": "127.0.0.0/8", "MOOCFEED_PUBLIC_URL": base}
    )
    (tmp_path / "course.toml").write_text(COURSE)
    here.run("course", "apply", "course.toml")
    with hub() as aggregator, site({"/feed": Page(rss(item(1, "#demo")))}) as blog:
        topic = f"{blog.origin}/feed"
        link = f'<{aggregator.url}>; rel="hub", <{topic}>; rel="self"'
        blog.pages["/feed"] = Page(rss(item(1, "#demo")), headers={"Link": link})
        source = here.run_json("source", "add", topic, "--course", "pushed")["id"]
        process = here.start("serve", "--port", str(port))
        try:
            wait_for(lambda: answers(f"{base}/readyz"))
            wait_for(lambda: aggregator.subscribers)
            wait_for(lambda: len(all_posts(base, "pushed")) == 1)

            assert aggregator.deliver(rss(item(2, "#demo"), item(1, "#demo"))) == [202]
            wait_for(lambda: len(all_posts(base, "pushed")) == 2, 15)
            assert aggregator.deliver(rss(item(3, "#demo")), secret="wrong") == [202]
            assert aggregator.deliver(rss(item(2, "#demo"))) == [202]  # replayed

            here.run("collect", "--once", "--source", source)
            row = here.run_json("source", "list")[0]
            assert row["pushed_until"] is not None
            assert row["interval"] >= 86_400
            assert len(all_posts(base, "pushed")) == 2

            blog.pages["/feed"] = Page(rss(item(4, "#demo"), item(1, "#demo")))
            here.run("collect", "--once", "--source", source)
            wait_for(lambda: len(all_posts(base, "pushed")) == 3)
            assert here.run_json("source", "list")[0]["pushed_until"] is None

            here.run("source", "remove", source)
            wait_for(lambda: not aggregator.subscribers)
            assert aggregator.requests[-1]["hub.mode"] == "unsubscribe"
        finally:
            assert end(process) == 0


@contextlib.contextmanager
def killed(here: Installation, port: int, *arguments: str) -> Iterator["Popen[str]"]:
    """A service that is killed at the end of the block, and its collector with it."""
    process = here.start("serve", "--port", str(port), *arguments)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_killed_service_loses_no_delivery_and_doubles_none(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    here = Installation(
        tmp_path, {"MOOCFEED_FETCH_ALLOW": "127.0.0.0/8", "MOOCFEED_PUBLIC_URL": base}
    )
    (tmp_path / "course.toml").write_text(COURSE)
    here.run("course", "apply", "course.toml")
    with hub() as aggregator, site() as blog:
        topic = f"{blog.origin}/feed"
        link = f'<{aggregator.url}>; rel="hub", <{topic}>; rel="self"'
        blog.pages["/feed"] = Page(rss(item(1, "#demo")), headers={"Link": link})
        here.run("source", "add", topic, "--course", "pushed")
        with killed(here, port):
            wait_for(lambda: aggregator.subscribers)
            wait_for(lambda: len(all_posts(base, "pushed")) == 1)
        polled = list(blog.requests)
        with killed(here, port, "--no-collect"):
            assert aggregator.deliver(rss(item(2, "#demo"))) == [202]
            assert len(all_posts(base, "pushed")) == 1  # kept, and read by nobody yet
        with killed(here, port):
            for number in range(3, 8):
                assert aggregator.deliver(rss(item(number, "#demo"))) == [202]
        with killed(here, port):
            wait_for(lambda: len(all_posts(base, "pushed")) == 7)
            assert aggregator.deliver(rss(item(8, "#demo"), item(2, "#demo"))) == [202]
            wait_for(lambda: len(all_posts(base, "pushed")) == 8)
        assert blog.requests == polled  # it was push that brought them
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "moocfeed.db")) as database:
        changes = database.execute("SELECT change FROM changes").fetchall()
    assert changes == [("post",)] * 8
