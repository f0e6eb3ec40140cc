"""Topics: our feeds, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hub.topics import read_topic
from models.domain.errors import NotFound

BASE = "https://feed.example"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/sample/feed.rss", ("sample", "rss", {})),
        ("/sample/feed.atom?tag=a%20b&week=2", ("sample", "atom", {"tag": "a b", "week": "2"})),
        ("/api/v1/courses/sample/feed.json", ("sample", "json", {})),
    ],
)
def test_feeds_are_topics(address: str, expected: tuple[str, str, dict[str, str]]) -> None:
    topic = read_topic(BASE, BASE + address)
    assert (topic.slug, topic.suffix, topic.query.given()) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://else.example/sample/feed.rss",
        "https://feed.example.evil.example/sample/feed.rss",
        "http://feed.example/sample/feed.rss",
        BASE,
        f"{BASE}/sample",
        f"{BASE}/sample/feed.xml",
        f"{BASE}/sample/feed.rss/",
        f"{BASE}/sample/feed.rss#x",
        f"{BASE}/sample/feed.rss?cursor=abc",
        f"{BASE}/sample/feed.rss?foo=1",
        f"{BASE}/sample/feed.rss?limit=1000",
        f"{BASE}/sample/feed.rss?week=1&week=2",
        f'{BASE}/sample/feed.rss?q=a>; rel="self"',
        f"{BASE}/sample/feed.rss?q=ä",
        f"{BASE}/sample/feed.rss?q={'x' * 1000}",
    ],
)
def test_all_else_is_none(address: str) -> None:
    with pytest.raises(NotFound):
        read_topic(BASE, address)


@given(st.text())
def test_nothing_breaks_out_of_a_header(text: str) -> None:
    address = f"{BASE}/sample/feed.rss?q={text}"
    try:
        read_topic(BASE, address)
    except NotFound:
        return
    assert address.isascii()
    assert not set(address) & set(' \r\n<>"')
