"""Older videos at YouTube: what oEmbed says of them, twice running."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from collectors.contract import Batch
from collectors.youtube import YoutubeCollector
from models.domain.source import Errands, SourceSpec
from tests.collectors.specs import spec
from tests.servers.web import Request, Response, Run, as_json, run

KIND = YoutubeCollector()
CHANNEL = "UC" + "a" * 22
FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"
ENTRY = """<entry><id>yt:video:{0}</id><title>#muster</title>
<link rel="alternate" href="https://www.youtube.com/watch?v={0}"/></entry>"""
NOT_FOUND = Response(b"Not Found", 404, "text/html")
FORBIDDEN = Response(b"Forbidden", 403, "text/html")
THERE = as_json({"type": "video", "title": "Ein Film"})


def source(*videos: str, cursor: Mapping[str, Any] | None = None) -> SourceSpec:
    pairs = tuple((video, f"yt:video:{video}") for video in videos)
    made = spec(
        "youtube", f"https://www.youtube.com/channel/{CHANNEL}", cursor=cursor or {"feed": FEED}
    )
    return replace(made, errands=Errands(recheck=pairs))


def collected(made: SourceSpec, there: Mapping[str, Response], *listed: str) -> Run:
    """A channel whose feed lists some videos; of others, oEmbed says something."""
    entries = "".join(ENTRY.format(video) for video in listed)
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Ada</title>{entries}</feed>'

    def answer(request: Request) -> Response:
        if request.path != "/oembed":
            return Response(feed.encode(), kind="application/atom+xml")
        assert request.value("format") == "json"
        return there[(request.value("url") or "").partition("/watch?v=")[2]]

    return run(KIND, made, answer)


def outcome(found: Run) -> Batch:
    return Batch(
        withdrawn=tuple(each for batch in found.batches for each in batch.withdrawn),
        excluded=tuple(each for batch in found.batches for each in batch.excluded),
        checked=tuple(each for batch in found.batches for each in batch.checked),
    )


def test_videos_can_be_asked_for() -> None:
    (post,) = collected(source(), {}, "abc_DEF-123").batches[-1].posts
    assert post.remote_id == "abc_DEF-123"


def test_what_the_feed_lists_needs_no_asking() -> None:
    found = collected(source("one"), {}, "one")
    assert len(found.asks) == 1
    assert outcome(found) == Batch(checked=("yt:video:one",))


def test_what_is_missing_twice_is_gone() -> None:
    answers = {"one": NOT_FOUND, "two": THERE}
    first = collected(source("one", "two"), answers)
    assert outcome(first) == Batch(checked=("yt:video:two",))
    second = collected(source("one", cursor=first.cursor), answers)
    assert outcome(second) == Batch(withdrawn=("yt:video:one",), checked=("yt:video:one",))
    assert collected(source(cursor=second.cursor), {}).cursor == {"feed": FEED}


def test_what_was_made_private_goes() -> None:
    made = source("one", cursor={"feed": FEED, "missing": ["yt:video:one"]})
    found = outcome(collected(made, {"one": FORBIDDEN}))
    assert found.excluded == (("yt:video:one", "not-public", None),)


@pytest.mark.parametrize(
    "answer",
    [
        THERE,
        Response(b"Unauthorized", 401, "text/html"),
        Response(b"<html>unusual traffic</html>", 403, "text/html"),
        Response(b"Bad Request", 400, "text/html"),
        Response(b"", 500, "text/html"),
    ],
)
def test_what_says_nothing_of_a_video(answer: Response) -> None:
    made = source("one", cursor={"feed": FEED, "missing": ["yt:video:one"]})
    found = collected(made, {"one": answer})
    assert outcome(found) == Batch(checked=("yt:video:one",))
    assert found.cursor == {"feed": FEED, "missing": []}


def test_a_feed_that_is_as_before_does_not_end_the_run() -> None:
    assert KIND.ask(source()).conditional
    assert not KIND.ask(source("one")).conditional
