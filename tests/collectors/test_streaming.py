"""Where instances stream, and what their events mean."""

import json
from typing import Any

import pytest

from collectors import streaming
from collectors.contract import CollectError, Event, Reply
from models.domain.source import SourceSpec
from tests.collectors.specs import spec
from tests.servers.mastodon import Instance

URL = "https://social.example"


def source(*hashtags: str, url: str = URL) -> SourceSpec:
    return spec("mastodon", url, *hashtags)


def about(streaming_url: Any, status: int = 200) -> Reply:
    body = {"configuration": {"urls": {"streaming": streaming_url}}}
    return Reply(f"{URL}/api/v2/instance", status, {}, json.dumps(body).encode())


def written(name: str, status: Any) -> Event:
    return Event(name, json.dumps(status))


def test_the_instance_says_where_and_gets_its_token() -> None:
    ask = streaming.locate(source(url=f"{URL}/tags/x"))
    assert (ask.url, ask.with_secret) == (f"{URL}/api/v2/instance", True)


@pytest.mark.parametrize(
    ("said", "base"),
    [
        ("wss://streaming.example", "https://streaming.example"),
        ("wss://streaming.example/", "https://streaming.example"),
        ("wss://social.example/api/v1/streaming", URL),
        ("https://social.example:8443/sub", "https://social.example:8443/sub"),
        ("", URL),
        ("nonsense", URL),
        ("ftp://x.example", URL),
        ("https://[", URL),
        (7, URL),
        (None, URL),
    ],
)
def test_one_channel_for_each_hashtag_on_the_host_announced(said: Any, base: str) -> None:
    found = streaming.channels(source("größe", "zwei"), about(said))
    assert [channel.events for channel in found] == [
        f"{base}/api/v1/streaming/hashtag?tag=gr%C3%B6%C3%9Fe",
        f"{base}/api/v1/streaming/hashtag?tag=zwei",
    ]
    assert found[1].websocket == f"{base}/api/v1/streaming?stream=hashtag&tag=zwei"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null", b"{}"])
def test_an_instance_that_says_nothing_streams_itself(body: bytes) -> None:
    (found,) = streaming.channels(source(), Reply(URL, 404, {}, body))
    assert found.events.startswith(f"{URL}/api/v1/streaming/hashtag?")


def test_no_token_goes_unencrypted() -> None:
    with pytest.raises(CollectError) as caught:
        streaming.channels(source(), about("ws://social.example"))
    assert caught.value.code == "no-stream"
    (found,) = streaming.channels(source(url="http://127.0.0.1:1"), about("ws://127.0.0.1:2"))
    assert found.events.startswith("http://127.0.0.1:2/")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_said_so(status: int) -> None:
    with pytest.raises(CollectError) as caught:
        streaming.channels(source(), about("wss://x.example", status))
    assert (caught.value.code, bool(caught.value.mend)) == ("wants-token", True)


class TestChanges:
    def test_statuses_come_whole_and_deletions_as_ids(self) -> None:
        status = Instance().post("neu #muster")
        found = streaming.changes(source(), [written("update", status), Event("delete", " 99 ")])
        assert [post.external_id for post in found.posts] == [status["uri"]]
        assert found.deleted == ("99",)

    def test_the_last_word_on_a_status_counts(self) -> None:
        status = Instance().post("erst #muster")
        events = [
            written("update", status),
            written("status.update", {**status, "content": "<p>dann #muster</p>"}),
        ]
        (post,) = streaming.changes(source(), events).posts
        assert post.content == "<p>dann #muster</p>"

    @pytest.mark.parametrize("order", [1, -1])
    def test_deleted_beats_written_whatever_comes_first(self, order: int) -> None:
        status = Instance().post("weg #muster")
        events = [written("update", status), Event("delete", status["id"])][::order]
        found = streaming.changes(source(), events)
        assert (found.posts, found.deleted) == ((), (status["id"],))

    def test_what_is_not_for_everybody_is_left_out(self) -> None:
        status = Instance().post("leise #muster", visibility="unlisted")
        found = streaming.changes(source(), [written("update", status)])
        assert found.posts == ()
        assert [reason for _, reason, _ in found.excluded] == ["not-public"]

    @pytest.mark.parametrize(
        "event",
        [
            Event("update", "no JSON"),
            Event("update", "[" * 100_000),
            Event("update", "7"),
            Event("update", '{"id": null}'),
            Event("delete", "  "),
            Event("notification", "{}"),
            Event("filters_changed", ""),
        ],
    )
    def test_everything_else_is_nothing(self, event: Event) -> None:
        found = streaming.changes(source(), [event])
        assert (found.posts, found.excluded, found.deleted) == ((), (), ())
