"""Live Mastodon: what is written, edited and deleted at an instance, over a real stream."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.servers.mastodon import Differences, Instance, instance, websockets
from tests.servers.web import Served
from tests.system.service import Installation, end
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COURSE = """
[course]
slug = "muster"
title = "Musterkurs"
hashtags = ["muster"]
"""


def installed(folder: Path, *servers: str) -> Installation:
    made = Installation(folder, {"MOOCFEED_FETCH_ALLOW": ",".join(servers)})
    (folder / "course.toml").write_text(COURSE, encoding="utf-8")
    made.run("course", "apply", "course.toml")
    return made


def add(here: Installation, server: Served, token: str | None) -> str:
    """Registers an instance; the id of its source."""
    with_token = ["--token-stdin"] if token else []
    added = ["source", "add", server.origin, "--course", "muster", "--kind", "mastodon"]
    here.run(*added, *with_token, given=token)
    found = here.run_json("source", "list")
    return str(next(row["id"] for row in found if row["url"].startswith(server.origin)))


@contextlib.contextmanager
def collecting(here: Installation) -> Iterator[Any]:
    process = here.start("collect", MOOCFEED_LOG_FORMAT="json")
    try:
        yield process
    finally:
        end(process)


def rows(here: Installation, query: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(here.folder / "var" / "moocfeed.db")) as connection:
        return connection.execute(query, values).fetchall()


def shown(here: Installation) -> list[str]:
    """The visible posts' texts, oldest first."""
    found = rows(
        here,
        "SELECT s.excerpt FROM posts p JOIN sightings s ON s.course_id = p.course_id"
        " AND s.source_id = p.shown_source_id AND s.entry_key = p.shown_entry_key"
        " WHERE p.visible ORDER BY p.published_at, p.id",
    )
    return [text for (text,) in found]


def changes(here: Installation) -> list[str]:
    return [kind for (kind,) in rows(here, "SELECT change FROM changes ORDER BY revision")]


def is_up(here: Installation) -> bool:
    """Up, and the poll that closes the gap before it is done."""
    found = rows(here, "SELECT live_since, last_success_at, due_at FROM sources")
    return all(since and asked and asked >= since and due > asked for since, asked, due in found)


@pytest.fixture
def social() -> Instance:
    return Instance()


@pytest.fixture
def server(social: Instance) -> Iterator[Served]:
    with instance(social) as made:
        yield made


def test_posts_edits_and_deletions_come_by_themselves(
    social: Instance, server: Served, tmp_path: Path
) -> None:
    social.post("before #muster")
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    with collecting(here):
        wait_for(lambda: is_up(here))
        polls = server.paths.count("/api/v1/timelines/tag/muster")
        kept = social.post("kept #muster")["id"]
        gone = social.post("gone #muster")["id"]
        wait_for(lambda: shown(here) == ["before #muster", "kept #muster", "gone #muster"])
        social.edit(kept, "kept and edited #muster")
        wait_for(lambda: "kept and edited #muster" in shown(here))
        social.delete(gone)
        wait_for(lambda: shown(here) == ["before #muster", "kept and edited #muster"])
        assert server.paths.count("/api/v1/timelines/tag/muster") == polls
    assert changes(here) == ["post", "post", "post", "change", "withdraw"]
    assert rows(here, "SELECT live_token, live_until, live_since FROM sources") == [(None,) * 3]


def test_a_deletion_may_overtake_what_it_deletes(
    social: Instance, server: Served, tmp_path: Path
) -> None:
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    with collecting(here):
        wait_for(lambda: is_up(here))
        overtaken = social.post("overtaken #muster", told=False)
        edited = social.post("edited #muster")
        wait_for(lambda: shown(here) == ["edited #muster"])
        social.delete(overtaken["id"])
        social.delete(edited["id"])
        social.tell("update", json.dumps(overtaken), tags={"muster"})
        social.tell("status.update", json.dumps(edited), tags={"muster"})
        last = social.post("last #muster")
        wait_for(lambda: shown(here) == ["last #muster"])
    assert changes(here) == ["post", "withdraw", "post"]
    again = {**overtaken, "id": str(int(last["id"]) + 1)}
    social.statuses |= {again["id"]: again, overtaken["id"]: overtaken}
    here.run("collect", "--once", "--all")
    assert sorted(shown(here)) == ["last #muster", "overtaken #muster"]


def test_an_edit_that_drops_the_hashtag_is_found_by_the_check(
    social: Instance, server: Served, tmp_path: Path
) -> None:
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    with collecting(here):
        wait_for(lambda: is_up(here))
        status = social.post("tagged #muster")
        wait_for(lambda: shown(here) == ["tagged #muster"])
        social.edit(status["id"], "no more")
        social.post("next #muster")
        wait_for(lambda: "next #muster" in shown(here))
        assert len(shown(here)) == 2
        here.run("collect", "--once", "--all")
        assert shown(here) == ["next #muster"]
    assert rows(here, "SELECT reason FROM sightings WHERE state = 'withdrawn'") == [("no-hashtag",)]


def test_nothing_is_missed_or_doubled_when_the_stream_is_cut(
    social: Instance, server: Served, tmp_path: Path
) -> None:
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    with collecting(here):
        wait_for(lambda: is_up(here))
        for number in range(3):
            social.post(f"before {number} #muster")
        wait_for(lambda: len(shown(here)) == 3)
        opened = social.opened
        gone = next(iter(social.statuses))
        social.cut()
        social.delete(gone, told=False)
        for number in range(3):
            social.post(f"meanwhile {number} #muster", told=False)
        wait_for(lambda: social.opened > opened)
        social.post("after #muster")
        wait_for(lambda: len(shown(here)) == 6)
        wait_for(lambda: is_up(here))
    assert shown(here)[-1] == "after #muster"
    assert len(set(shown(here))) == 6
    assert sorted(changes(here)) == ["post"] * 7 + ["withdraw"]


def test_a_server_that_is_away_is_polled_and_streams_again(
    social: Instance, tmp_path: Path
) -> None:
    with instance(social) as server:
        port = int(server.netloc.rpartition(":")[2])
        here = installed(tmp_path, server.netloc)
        add(here, server, social.token)
        process = here.start("collect")
        wait_for(lambda: is_up(here))
    try:
        wait_for(lambda: rows(here, "SELECT live_since FROM sources") == [(None,)])
        social.post("meanwhile #muster", told=False)
        with instance(social, port):
            wait_for(lambda: shown(here) == ["meanwhile #muster"])
            wait_for(lambda: rows(here, "SELECT live_since FROM sources") != [(None,)])
            social.post("after #muster")
            wait_for(lambda: shown(here) == ["meanwhile #muster", "after #muster"])
    finally:
        end(process)
    assert changes(here) == ["post", "post"]


def test_a_killed_collector_is_replaced(social: Instance, server: Served, tmp_path: Path) -> None:
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    process = here.start("collect")
    wait_for(lambda: is_up(here))
    social.post("heard #muster")
    wait_for(lambda: shown(here) == ["heard #muster"])
    for number in range(5):
        social.post(f"number {number} #muster")
    process.kill()
    process.communicate()
    social.post("unheard #muster")
    with collecting(here):
        wait_for(lambda: len(shown(here)) == 7)
        wait_for(lambda: is_up(here))
        social.post("heard again #muster")
        wait_for(lambda: len(shown(here)) == 8)
    assert len(set(shown(here))) == 8
    assert changes(here) == ["post"] * 8


def test_without_a_token_it_is_polled(social: Instance, server: Served, tmp_path: Path) -> None:
    social.post("public #muster")
    here = installed(tmp_path, server.netloc)
    add(here, server, None)
    with collecting(here):
        wait_for(lambda: shown(here) == ["public #muster"])
        wait_for(lambda: rows(here, "SELECT due_at FROM sources WHERE due_at > last_success_at"))
    assert not social.opened
    assert not [path for path in server.paths if "streaming" in path]


def test_a_token_that_is_refused_is_shown_and_not_tried_again(
    social: Instance, server: Served, tmp_path: Path
) -> None:
    """The instance takes it for reading, but not for its stream."""
    social.differences = Differences(stream_refused=403)
    social.post("public #muster")
    here = installed(tmp_path, server.netloc)
    add(here, server, social.token)
    with collecting(here):
        wait_for(lambda: rows(here, "SELECT live_error FROM sources") == [("wants-token",)])
        wait_for(lambda: shown(here) == ["public #muster"])
        (listed,) = here.run_json("source", "list")
        assert listed["health"] == "wants token"
        assert "refuses the token" in " ".join(here.run("source", "list").split())
    assert server.paths.count("/api/v1/streaming/hashtag") == 1


def test_a_stream_over_websocket(social: Instance, server: Served, tmp_path: Path) -> None:
    social.differences = Differences(event_stream=False)
    with websockets(social) as address:
        here = installed(tmp_path, server.netloc, address.removeprefix("ws://"))
        add(here, server, social.token)
        with collecting(here):
            wait_for(lambda: is_up(here))
            status = social.post("said #muster")
            wait_for(lambda: shown(here) == ["said #muster"])
            social.delete(status["id"])
            wait_for(lambda: shown(here) == [])
    assert changes(here) == ["post", "withdraw"]


def test_two_instances_that_show_the_same(tmp_path: Path) -> None:
    """The second shows a copy of the first one's status; only the origin takes it back."""
    home, other = Instance(), Instance()
    with instance(home) as first, instance(other) as second:
        here = installed(tmp_path, first.netloc, second.netloc)
        add(here, first, home.token)
        add(here, second, other.token)
        with collecting(here):
            wait_for(lambda: is_up(here))
            status = home.post("everywhere #muster")
            copy = {**status, "id": "77"}
            other.statuses["77"] = copy
            other.tell("update", json.dumps(copy), tags={"muster"})
            wait_for(lambda: rows(here, "SELECT count(*) FROM sightings") == [(2,)])
            assert shown(here) == ["everywhere #muster"]  # seen twice, which is a change
            other.delete("77")
            wait_for(lambda: rows(here, "SELECT count(*) FROM tombstones") == [(1,)])
            assert shown(here) == ["everywhere #muster"]  # in one place fewer: a change again
            home.delete(status["id"])
            wait_for(lambda: shown(here) == [])
    assert changes(here) == ["post", "change", "change", "withdraw"]
