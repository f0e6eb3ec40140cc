"""Channels and playlists by whatever address people have."""

import pytest

from collectors.contract import CollectError, Reply
from collectors.youtube import YoutubeCollector
from models.domain.source import Match, Rule, SourceSpec

CHANNEL = "UC" + "a" * 22
FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"
COLLECTOR = YoutubeCollector()


def source(url: str, **cursor: str) -> SourceSpec:
    return SourceSpec("s1", "youtube", url, Rule(("sample",), Match.HASHTAG, "de"), cursor=cursor)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", FEED),
        (f"https://m.youtube.com/channel/{CHANNEL}/videos", FEED),
        (
            "https://youtube.com/playlist?list=PLabcdefghijk",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLabcdefghijk",
        ),
        ("https://www.youtube.com/@ada", "https://www.youtube.com/@ada"),
        ("https://www.youtube.com/c/ada", "https://www.youtube.com/c/ada"),
    ],
)
def test_what_is_asked(url: str, asked: str) -> None:
    assert COLLECTOR.ask(source(url)).url == asked


@pytest.mark.parametrize(
    "body",
    [
        f'<link rel="alternate" type="application/rss+xml" href="/x?channel_id={CHANNEL}">',
        f'<meta itemprop="identifier" content="{CHANNEL}">',
        f'<link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">',
        f'<script>var x = {{"externalId":"{CHANNEL}"}}</script>',
    ],
)
def test_a_page_names_its_channel(body: str) -> None:
    page = source("https://www.youtube.com/@ada")
    batch = COLLECTOR.parse(page, Reply(page.url, 200, {}, body.encode()))
    assert (batch.cursor, batch.more) == ({"feed": FEED}, True)
    assert COLLECTOR.ask(source(page.url, feed=FEED)).url == FEED


@pytest.mark.parametrize("url", ["https://www.youtube.com/watch?v=x", "https://www.youtube.com/"])
def test_what_is_no_channel(url: str) -> None:
    with pytest.raises(CollectError) as caught:
        COLLECTOR.ask(source(url))
    assert caught.value.mend


def test_a_page_without_a_channel() -> None:
    page = source("https://www.youtube.com/@ada")
    with pytest.raises(CollectError) as caught:
        COLLECTOR.parse(page, Reply(page.url, 200, {}, b"<html></html>"))
    assert caught.value.code == "not-a-channel"


@pytest.mark.parametrize("status", [404, 500, 503])
def test_its_404_is_weather(status: int) -> None:
    known = source(f"https://www.youtube.com/channel/{CHANNEL}")
    assert status in COLLECTOR.ask(known).answers
    with pytest.raises(CollectError) as caught:
        COLLECTOR.parse(known, Reply(FEED, status, {}, b""))
    assert (caught.value.code, caught.value.retry_after) == ("weather", 900.0)
