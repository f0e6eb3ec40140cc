"""Each fixture beside what must be read from it, and what holds for all of them."""

import pickle
from datetime import UTC
from pathlib import Path

import pytest

from collectors.contract import CollectError
from collectors.feeds import fast, read_feed
from models.domain import links
from tests.collectors.feeds.batches import (
    ADDRESS,
    FIXTURES,
    expected,
    fixture_reply,
    fixtures,
    outcome,
)

WITHOUT_FEEDPARSER = (
    "authors authors_of_feed blogger blogger_rss complete complete_rss elsewhere empty"
    " empty_atom empty_rdf escaped_titles feedburner ghost hugo jekyll leading_space"
    " media_title medium missing mojibake planet planet_rss podcast relative replies rss10"
    " same_ids same_ids_atom social tombstones tumblr utf8_bom utf8_undeclared wordpress"
    " wordpress_atom xhtml xml_base youtube"
)

every_fixture = pytest.mark.parametrize("path", fixtures(), ids=lambda path: path.name)


@every_fixture
def test_is_read_as_expected(path: Path) -> None:
    assert outcome(fixture_reply(path)) == expected(path)


@every_fixture
def test_is_pure_and_survives_pickling(path: Path) -> None:
    reply = fixture_reply(path)
    try:
        batch = read_feed(ADDRESS, reply)
    except CollectError as caught:
        error = caught
    else:
        assert read_feed(ADDRESS, reply) == batch
        assert pickle.loads(pickle.dumps(batch)) == batch
        return
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.message, again.mend) == (error.code, error.message, error.mend)
    assert error.mend


@every_fixture
def test_keeps_the_contract(path: Path) -> None:
    try:
        batch = read_feed(ADDRESS, fixture_reply(path))
    except CollectError:
        return
    assert len({post.external_id for post in batch.posts}) == len(batch.posts)
    for post in batch.posts:
        assert post.external_id
        assert post.base_url is not None
        for address in (post.url, post.base_url, *(media.url for media in post.media)):
            assert address is None or links.is_web_url(address)
        for moment in (post.published_at, post.updated_at):
            assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize("name", WITHOUT_FEEDPARSER.split())
def test_usual_feeds_need_no_feedparser(name: str) -> None:
    assert fast.read((FIXTURES / f"{name}.xml").read_bytes(), ADDRESS) is not None


def test_doubtful_feeds_are_left_to_feedparser() -> None:
    named = {f"{name}.xml" for name in WITHOUT_FEEDPARSER.split()}
    others = [path for path in fixtures() if path.name not in named]
    assert len(others) > 20
    assert [path.name for path in others if fast.read(path.read_bytes(), ADDRESS)] == []
