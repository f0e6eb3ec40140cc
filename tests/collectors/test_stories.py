"""Every kind under hostile answers, and stories of some: what is asked, answered, made of it."""

import json
import pickle
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.contract import NO_ANSWER, CollectError, Collector, Reply
from collectors.reading import read
from collectors.registry import KINDS, REGISTRABLE, collector, registrable
from models.domain import links
from models.domain.errors import Invalid
from models.domain.post import Post
from tests.collectors import stories
from tests.collectors.feeds.batches import as_json

NOW = datetime(2026, 10, 10, tzinfo=UTC)
HOSTILE = [
    b"",
    b" \n",
    b"\x00" * 300,
    b"<html><body>Log in</body></html>",
    b"<!doctype html><base href='http://[x'><a href='/feed'>x</a>",
    b"<rss/>",
    b"null",
    b"{}",
    b"[]",
    b'[1, "x", null, [], {}, {"id": true}, {"id": 1, "uri": 5, "account": []}]',
    b'[{"id": "1", "uri": "x", "account": {}, "visibility": [], "tags": {}, "poll": 3}]',
    b'{"error": "nothing here"}',
    b"[" * 100_000,
    b"[" + b"9" * 5000 + b"]",
    b"\xff\xfe\x00\xd8",
    b"%PDF-1.7",
]

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
every_story = pytest.mark.parametrize(
    "folder", stories.folders(), ids=lambda path: f"{path.parent.name}-{path.name}"
)


@every_kind
def test_a_kind_is_complete(kind: Collector) -> None:
    assert isinstance(kind, Collector)
    assert KINDS[kind.kind] is collector(kind.kind) is kind
    assert 0 < kind.pace[0] <= kind.pace[1] <= 86_400


@every_story
def test_a_story_goes_as_told(folder: Path) -> None:
    story, _ = stories.told(folder)
    steps = stories.steps(folder)
    assert [step.ask.url for step in steps] == [each["asks"] for each in story["exchanges"]]
    assert [step.batch.more for step in steps] == [*[True] * (len(steps) - 1), False]
    found = as_json([step.batch for step in steps])
    assert found == json.loads((folder / "expected.json").read_text("utf-8"))


@every_story
def test_asks_go_to_the_source_or_to_what_it_advertises(folder: Path) -> None:
    _, source = stories.told(folder)
    known = json.dumps([source.url, dict(source.cursor)])
    for step in stories.steps(folder):
        assert links.is_web_url(step.ask.url)
        host = links.host_key(step.ask.url)
        assert host == links.host_key(source.url) or f"//{host}/" in known
        known += step.reply.body.decode() + json.dumps(dict(step.reply.headers))


@every_story
def test_parsing_is_pure_and_everything_travels(folder: Path) -> None:
    for step in stories.steps(folder):
        kind = KINDS[step.source.kind]
        assert kind.parse(step.source, step.reply) == step.batch
        assert json.loads(json.dumps(step.batch.cursor)) == step.batch.cursor
        for value in (step.source, step.ask, step.reply, step.batch):
            assert pickle.loads(pickle.dumps(value)) == value
        reading = read(step.source, step.reply, NOW)
        assert pickle.loads(pickle.dumps(reading)) == reading


@every_story
def test_posts_keep_the_contract(folder: Path) -> None:
    for step in stories.steps(folder):
        uids = [post.external_id for post in step.batch.posts]
        assert all(uids)
        assert len(set(uids)) == len(uids)
        for post in step.batch.posts:
            for moment in (post.published_at, post.updated_at):
                assert moment is None or moment.tzinfo is UTC
            for url in (post.url, post.base_url, *post.aliases, *(m.url for m in post.media)):
                assert url is None or links.is_web_url(url)
        for entry in read(step.source, step.reply, NOW).entries:
            if isinstance(entry, Post):
                assert links.is_web_url(entry.url)
                assert all(map(links.is_web_url, entry.links))


@every_story
@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:30]))
def test_whatever_is_answered_is_a_batch_or_a_collect_error(folder: Path, body: bytes) -> None:
    for step in stories.steps(folder):
        for status in sorted({200, *step.ask.answers}):
            for type_ in ("", "text/html", "application/json", "application/rss+xml"):
                said = b"" if status == NO_ANSWER else body
                reply = Reply(step.ask.url, status, {"content-type": type_}, said)
                with suppress(CollectError):
                    read(step.source, reply, NOW)


def test_a_kind_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(Invalid, match="fax") as caught:
        collector("fax")
    assert all(kind in str(caught.value) for kind in REGISTRABLE)


def test_what_comes_by_itself_is_not_registered() -> None:
    assert {*KINDS} - {*REGISTRABLE} == {"comments", "webmention"}
    assert registrable("feed") is KINDS["feed"]
    for kind in ("comments", "fax"):
        with pytest.raises(Invalid, match=kind):
            registrable(kind)
