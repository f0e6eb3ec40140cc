"""The hub, end to end: the service as it runs, a subscriber, and another service of our own."""

import sqlite3
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

from tests.servers.subscriber import Subscriber, subscriber
from tests.sites import Page, item, rss, site
from tests.system.service import Installation, all_posts, answers, end, free_port
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COURSE = """
[course]
slug = "told"
title = "A sample that tells"
hashtags = ["demo"]
"""


def installation(folder: Path, port: int) -> Installation:
    folder.mkdir()
    base = f"http://127.0.0.1:{port}"
    here = Installation(
        folder, {"MOOCFEED_FETCH_ALLOW": "127.0.0.0/8", "MOOCFEED_PUBLIC_URL": base}
    )
    (folder / "course.toml").write_text(COURSE)
    here.run("course", "apply", "course.toml")
    return here


def numbers(who: Subscriber) -> list[set[str]]:
    """The addresses in each delivery."""
    return [{entry.link for entry in feedparser.parse(one.body).entries} for one in who.deliveries]


def subscribed(here: Installation) -> list[str]:
    """The topics that are subscribed to."""
    with closing(sqlite3.connect(here.folder / "var" / "moocfeed.db")) as database:
        return [topic for (topic,) in database.execute("SELECT topic FROM subscribers")]


def test_subscribers_are_told_through_a_kill(tmp_path: Path) -> None:
    port = free_port()
    base, here = f"http://127.0.0.1:{port}", installation(tmp_path / "hub", port)
    with site({"/feed": Page(rss(item(1, "#demo")))}) as blog, subscriber() as reader:
        source = here.run_json("source", "add", f"{blog.origin}/feed", "--course", "told")["id"]
        process = here.start("serve", "--port", str(port))
        try:
            wait_for(lambda: answers(f"{base}/readyz"))
            wait_for(lambda: len(all_posts(base, "told")) == 1)
            topic = f"{base}/told/feed.rss"
            assert reader.ask(f"{base}/websub/hub", topic)[0] == 202
            wait_for(lambda: subscribed(here) == [topic])

            blog.pages["/feed"] = Page(rss(item(2, "#demo"), item(1, "#demo")))
            here.run("collect", "--once", "--all", "--source", source)
            wait_for(lambda: reader.deliveries)
            assert [len(links) for links in numbers(reader)] == [2]
            assert reader.deliveries[0].signed

            reader.silent = True
            blog.pages["/feed"] = Page(rss(item(3, "#demo"), item(1, "#demo")))
            collecting = here.start("collect", "--once", "--all", "--source", source)
            wait_for(lambda: reader.attempts == 2)
            for one in (collecting, process):
                one.kill()
                one.communicate()
            reader.statuses = [500]  # what was under way came to nothing
            reader.silent = False
            reader.awake.set()

            process = here.start("serve", "--port", str(port))
            wait_for(lambda: len(reader.deliveries) == 2, 120)
            assert len(numbers(reader)[1]) == 3
            assert reader.ask(f"{base}/websub/hub", topic, "unsubscribe")[0] == 202
            wait_for(lambda: not subscribed(here))
        finally:
            assert end(process) == 0


def test_our_own_subscriber_is_told(tmp_path: Path) -> None:
    """One service follows another's feed: what the first collects, the second has at once."""
    ports = free_port(), free_port()
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    hub, reader = (installation(tmp_path / str(port), port) for port in ports)
    with site({"/feed": Page(rss(item(1, "#demo")))}) as blog:
        source = hub.run_json("source", "add", f"{blog.origin}/feed", "--course", "told")["id"]
        processes = [hub.start("serve", "--port", str(ports[0]))]
        try:
            wait_for(lambda: answers(f"{first}/readyz"))
            wait_for(lambda: len(all_posts(first, "told")) == 1)
            reader.run("source", "add", f"{first}/told/feed.atom", "--course", "told")
            processes.append(reader.start("serve", "--port", str(ports[1])))
            wait_for(lambda: answers(f"{second}/readyz"))
            wait_for(lambda: len(all_posts(second, "told")) == 1)
            wait_for(lambda: subscribed(hub) == [f"{first}/told/feed.atom"])

            blog.pages["/feed"] = Page(rss(item(2, "#demo"), item(1, "#demo")))
            hub.run("collect", "--once", "--all", "--source", source)
            wait_for(lambda: len(all_posts(second, "told")) == 2)
            (row,) = reader.run_json("source", "list")
            assert row["pushed_until"] is not None
        finally:
            assert [end(process) for process in processes] == [0] * len(processes)
