"""Deletions and edits of older posts, of kinds whose polls do not look at them again."""

from typing import Any

from models.store import sources
from models.store.touched import Counts
from models.tables.posts import SightingTable
from tests.collectors.courses import BEGIN, VAULT, Collecting
from tests.servers import bluesky, fediverse, x
from tests.servers.web import Request, Response, as_json, served
from tests.sites import item, rss

A_WHILE = {"hours": 3}
"""More than an hour, after which posts are checked, and than it takes until the next poll."""


def test_a_profile_at_bluesky(collecting: Collecting) -> None:
    network = bluesky.Network()
    views = [network.post(number, "#sample", at=BEGIN) for number in range(3)]
    with served(network.answer) as appview:
        collecting.add(("bluesky", f"{appview.origin}/profile/{bluesky.HANDLE}"))
        assert collecting.run().posts.new == 3
        network.views.remove(views[1])
        assert collecting.later_run(**A_WHILE).posts.withdrawn == 1
        assert len(collecting.posts()) == 2
        lookups = [path for path in appview.paths if path.endswith("getPosts")]
        assert len(lookups) == 1
        collecting.later_run(hours=1)
        assert appview.paths.count(lookups[0]) == 1, "the next check comes a day after"


def test_an_account_of_the_fediverse(collecting: Collecting) -> None:
    home = fediverse.Instance()
    with served(home.answer) as instance:
        home.web, home.domain = instance.origin, instance.netloc
        for number in range(2):
            home.post(number, "#sample", created_at=BEGIN.isoformat())
        collecting.add(("fediverse", f"{instance.origin}/@muster"))
        assert collecting.run().posts.new == 2
        home.statuses.pop()
        home.statuses[0]["content"] = "<p>edited #sample</p>"
        summary = collecting.later_run(**A_WHILE)
        assert (summary.posts.changed, summary.posts.withdrawn) == (1, 1)
        assert len(collecting.posts()) == 1


def test_a_run_that_ends_in_a_check_keeps_what_the_feed_said(collecting: Collecting) -> None:
    feeds: dict[str, bytes] = {}
    home = fediverse.Instance(api=False, feeds=feeds)
    with served(home.answer) as instance:
        home.web, home.domain = instance.origin, instance.netloc

        def listed(*numbers: int) -> bytes:
            entries = "".join(item(number, "#sample") for number in numbers)
            said = "<ttl>90</ttl>" + entries.replace(
                "https://blog.example/", f"{instance.origin}/@muster/"
            )
            return rss(said, title="Muster (Muster)")

        feeds["/@muster.rss"] = listed(1, 2)
        (source,) = collecting.add(("fediverse", f"{instance.origin}/@muster"))
        assert collecting.run().posts.new == 2
        before = collecting.source(source)
        assert before.hints["ttl"] == 90 * 60
        feeds["/@muster.rss"] = listed(2)
        collecting.later_run(**A_WHILE)
        assert instance.paths[-1] == "/@muster/1", "the run ended in a check"
        after = collecting.source(source)
        assert after.hints["ttl"] == 90 * 60
        assert (after.interval or 0) >= 90 * 60
        assert after.title == before.title == "Muster (Muster)"


def test_after_a_check_the_feed_is_asked_whether_it_has_changed(collecting: Collecting) -> None:
    """What counts for the next poll is what the feed's answer said, not the last page's."""
    known: list[str | None] = []

    def answer(request: Request) -> Response:
        if request.path != "/@muster.rss":
            return Response(b"<h1>Hallo", 200 if request.path in pages else 404, "text/html")
        known.append(request.headers.get("if-none-match"))
        if known[-1] == '"feed"':
            return Response(b"", 304)
        said = {"ETag": '"feed"', "Cache-Control": "max-age=50000"}
        return Response(feed, kind="application/rss+xml", headers=said)

    with served(answer) as home:
        address = f"{home.origin}/@muster/".encode()
        listed, pages = rss(item(1, "#sample", day=2), item(2, "#sample", day=2)), {"/@muster/1"}
        feed = listed.replace(b"https://blog.example/", address)
        (source,) = collecting.add(("fediverse", f"{home.origin}/@muster"))
        assert collecting.run().posts.new == 2
        feed = rss(item(2, "#sample", day=2)).replace(b"https://blog.example/", address)
        collecting.later_run(days=1)
        assert home.paths[-1] == "/@muster/1", "the run ended in a check"
        after = collecting.source(source)
        assert (after.etag, after.interval) == ('"feed"', 50_000)
        known.clear()
        collecting.later_run(days=1)
        assert known == ['"feed"']
        assert collecting.done[0].outcome == "unchanged"


def test_a_poll_that_brings_nothing_new_keeps_the_account_s_rhythm(
    collecting: Collecting,
) -> None:
    home = fediverse.Instance()
    with served(home.answer) as instance:
        home.web, home.domain = instance.origin, instance.netloc
        home.post(1, "#sample", created_at=BEGIN.isoformat())
        (source,) = collecting.add(("fediverse", f"{instance.origin}/@muster"))
        collecting.run()
        before = collecting.source(source).hints
        collecting.later_run(**A_WHILE)
        after = collecting.source(source).hints
        assert after["newest"] == before["newest"] == BEGIN.timestamp()
        assert after["a_day"] > 0


def test_an_account_that_is_read_by_its_feed(collecting: Collecting) -> None:
    pages = {"/@muster/1", "/@muster/2"}

    def answer(request: Request) -> Response:
        if request.path == "/@muster.rss":
            listed = [item(number, "#sample", day=2) for number in numbers]
            return Response(at_home(rss(*listed)), kind="application/rss+xml")
        return Response(b"<h1>Hallo", 200 if request.path in pages else 404, "text/html")

    def at_home(feed: bytes) -> bytes:
        return feed.replace(b"https://blog.example/", f"{home.origin}/@muster/".encode())

    with served(answer) as home:
        numbers = [1, 2]
        (source,) = collecting.add(("fediverse", f"{home.origin}/@muster"))
        assert collecting.run().posts.new == 2
        numbers, pages = [3], {"/@muster/2", "/@muster/3"}
        assert collecting.later_run(**A_WHILE).posts == Counts(new=1)
        assert collecting.later_run(**A_WHILE).posts == Counts(withdrawn=1)
        assert len(collecting.posts()) == 2
        assert collecting.source(source).cursor["missing"] == []


def test_a_channel_at_peertube(collecting: Collecting) -> None:
    """The list may forget a video, or be as it was: the video itself is asked for."""
    videos = {str(number): video(number) for number in range(2)}

    def answer(request: Request) -> Response:
        id_ = request.path.rpartition("/")[2]
        if id_ == "videos":
            return as_json({"total": len(videos), "data": list(videos.values())})
        gone = as_json({"status": 404, "detail": "Video not found"}, 404)
        return as_json({**videos[id_], "tags": ["sample"]}) if id_ in videos else gone

    with served(answer) as tube:
        (source,) = collecting.add(("peertube", f"{tube.origin}/c/ada"))
        assert collecting.run().posts.new == 2
        del videos["0"]
        assert collecting.later_run(**A_WHILE).posts == Counts()
        assert collecting.source(source).hints["a_day"] == 1, "what is listed again is not new"
        assert collecting.later_run(**A_WHILE).posts == Counts(withdrawn=1)
        assert len(collecting.posts()) == 1
        before = len(tube.paths)
        collecting.later_run(hours=1)
        assert len(tube.paths) == before + 1, "the next check comes a day after"


def video(number: int) -> dict[str, Any]:
    return {
        "uuid": str(number),
        "url": f"https://tube.example/videos/watch/{number}",
        "name": f"Film {number}",
        "publishedAt": BEGIN.isoformat(),
    }


def with_token(collecting: Collecting, source_id: str) -> None:
    with collecting.database.writing() as session:
        sources.equip(
            session,
            sources.get(session, source_id),
            secret=VAULT.seal(x.TOKEN),
            options={"max_reads_a_month": 100},
            now=collecting.now,
        )


def test_a_search_at_x_within_its_cap(collecting: Collecting) -> None:
    search = x.RecentSearch(now=BEGIN)
    ids = [search.post(hour, "#sample") for hour in range(3)]
    with served(search.answer) as api:
        (source,) = collecting.add(("x", api.origin))
        with_token(collecting, source)
        assert collecting.run().posts.new == 3
        search.delete(ids[1])
        search.protected.add(ids[2])
        assert collecting.later_run(**A_WHILE).posts.withdrawn == 2
        assert len(collecting.posts()) == 1
        spent = collecting.source(source).cursor["spent"]
        assert spent["checks"] == 1
        assert spent["reads"] == search.sold


def test_what_the_cap_does_not_allow_stays_due(collecting: Collecting) -> None:
    search = x.RecentSearch(now=BEGIN)
    for minute in range(30):
        search.post(minute / 60, "#sample")
    with served(search.answer) as api:
        (source,) = collecting.add(("x", api.origin))
        with_token(collecting, source)
        collecting.run()
        collecting.later_run(**A_WHILE)
        assert collecting.source(source).cursor["spent"]["checks"] <= 25
        assert search.sold <= 100
        with collecting.database.reading() as session:
            due = session.query(SightingTable).filter(SightingTable.check_at <= collecting.now)
            assert due.count() > 0
