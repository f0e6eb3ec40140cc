"""Videos of a channel, an account or an instance, by the course's hashtags."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors.contract import CollectError, Reply
from collectors.peertube import PeertubeCollector, is_peertube_address
from models.domain.post import Kind
from models.domain.source import Match, Rule, SourceSpec

COLLECTOR = PeertubeCollector()
VIDEO = {
    "uuid": "0f1e2d3c-0000-4000-8000-000000000001",
    "shortUUID": "abc123",
    "url": "https://tube.example/videos/watch/0f1e2d3c-0000-4000-8000-000000000001",
    "name": "Ein <b>Film</b>",
    "description": "Über https://ada.example/1\n\n<script>x</script>",
    "publishedAt": "2026-11-03T10:00:00.000Z",
    "language": {"id": "de", "label": "German"},
    "account": {
        "name": "ada",
        "displayName": "Ada (Muster)",
        "host": "tube.example",
        "url": "https://tube.example/accounts/ada",
    },
    "previewPath": "/lazy-static/previews/1.jpg",
    "nsfw": False,
}


def source(url: str, *tags: str, match: Match = Match.HASHTAG, turn: int = 0) -> SourceSpec:
    cursor = {"turn": turn} if turn else {}
    return SourceSpec("s1", "peertube", url, Rule(tags or ("demo",), match, "de"), cursor=cursor)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://tube.example/c/ada/videos", "/api/v1/video-channels/ada/videos"),
        (
            "https://tube.example/video-channels/ada@x.example",
            "/api/v1/video-channels/ada@x.example/videos",
        ),
        ("https://tube.example/a/ada", "/api/v1/accounts/ada/videos"),
        ("https://tube.example/", "/api/v1/videos"),
    ],
)
def test_what_is_asked(url: str, path: str) -> None:
    asked = urlsplit(COLLECTOR.ask(source(url)).url)
    assert asked.path == path
    assert parse_qs(asked.query)["tagsOneOf"] == ["demo"]
    everything = urlsplit(COLLECTOR.ask(source(url, match=Match.ALL)).url)
    assert "tagsOneOf" not in parse_qs(everything.query)


def test_a_video() -> None:
    body = json.dumps({"total": 1, "data": [VIDEO, {"no": "uuid"}, None]}).encode()
    batch = COLLECTOR.parse(source("https://tube.example/c/ada"), Reply("", 200, {}, body))
    (post,) = batch.posts
    assert (post.kind, post.title, post.tags) == (Kind.VIDEO, "Ein <b>Film</b>", ("demo",))
    assert post.author.handle == "@ada@tube.example"
    assert "<script>" not in post.content
    assert '<a href="https://ada.example/1"' in post.content
    assert post.aliases == ("https://tube.example/w/abc123",)
    assert post.media[0].url == "https://tube.example/lazy-static/previews/1.jpg"
    assert not batch.more


def test_each_hashtag_has_its_turn_and_a_video_with_both_the_first() -> None:
    """Else it would change its hashtags twice in each run."""
    other = {**VIDEO, "uuid": "2", "url": "https://tube.example/videos/watch/2"}
    body = json.dumps({"data": [VIDEO]}).encode()
    spec = source("https://tube.example/", "a", "b")
    first = COLLECTOR.parse(spec, Reply("", 200, {}, body))
    assert (first.more, first.cursor) == (True, {"turn": 1, "listed": [VIDEO["uuid"]]})
    spec = replace(spec, cursor=first.cursor)
    assert "tagsOneOf=b" in COLLECTOR.ask(spec).url
    body = json.dumps({"data": [VIDEO, other]}).encode()
    last = COLLECTOR.parse(spec, Reply("", 200, {}, body))
    assert (last.more, last.cursor) == (False, {})
    assert [(post.remote_id, post.tags) for post in last.posts] == [("2", ("b",))]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null"])
def test_what_is_no_instance(body: bytes) -> None:
    with pytest.raises(CollectError) as caught:
        COLLECTOR.parse(source("https://tube.example/"), Reply("", 200, {}, body))
    assert caught.value.code == "not-peertube"


def test_addresses() -> None:
    assert is_peertube_address("https://tube.example/c/ada/videos")
    assert not is_peertube_address("https://blog.example/2026/c/ada")
