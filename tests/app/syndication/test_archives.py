"""RFC 5005 §4: whoever walks from the subscription document through the archives misses nothing."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from starlette.testclient import TestClient

from app.syndication import documents
from app.syndication.archives import Period, periods
from app.wiring import Services
from models.domain.course import Course, Week
from models.store import courses
from tests.app.conftest import entry, publish

BUSY = 230
"""Posts of one hour in the week that is over: more than two documents hold."""


def links(read: Any) -> dict[str, str]:
    return {link.rel: link.href for link in read.feed.links}


def document(client: TestClient, url: str) -> Any:
    parts = urlsplit(url)
    answer = client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
    assert answer.status_code == 200, answer.text
    read = feedparser.parse(io.BytesIO(answer.content))
    assert not read.bozo
    read.is_archive = b"<fh:archive" in answer.content
    return read


def chain(client: TestClient, url: str) -> Iterator[Any]:
    """The subscription document and all archives before it."""
    seen: set[str] = set()
    following: str | None = url
    while following:
        assert following not in seen
        seen.add(following)
        read = document(client, following)
        yield read
        following = links(read).get("prev-archive")


def all_posts(client: TestClient) -> set[str]:
    found: set[str] = set()
    url: str | None = "/api/v1/courses/sample/posts?limit=100"
    while url:
        page = client.get(url).json()
        found |= {f"urn:uuid:{post['id']}" for post in page["items"]}
        url = page["next"]
    return found


@pytest.fixture
def busy(services: Services) -> Services:
    """The same course with a lively week, and posts before the first and in the present one."""
    at = datetime.now(UTC).replace(microsecond=0)
    monday = at.replace(hour=12, minute=0, second=0) - timedelta(days=at.weekday())
    lively = [
        entry("ben.example", 100 + n, monday - timedelta(days=3, seconds=n), f"Text {n}")
        for n in range(BUSY)
    ]
    early = [
        entry("ben.example", 1000 + n, monday - timedelta(days=8 + n), f"Text {n}")
        for n in range(3)
    ]
    present = [
        entry("ben.example", 2000 + n, at - timedelta(seconds=n), f"Text {n}") for n in range(45)
    ]
    publish(services, "https://ben.example/feed", *lively, *early, *present)
    return services


@pytest.mark.parametrize("suffix", ["atom", "rss"])
@pytest.mark.parametrize("query", ["", "?limit=5"])
def test_the_chain_misses_no_post(
    busy: Services, client: TestClient, suffix: str, query: str
) -> None:
    documents = list(chain(client, f"/sample/feed.{suffix}{query}"))
    found = {post.id for one in documents for post in one.entries}
    assert found == all_posts(client)
    assert len(found) > BUSY
    assert [one.is_archive for one in documents] == [False] + [True] * (len(documents) - 1)


def test_archives_name_their_place(busy: Services, client: TestClient) -> None:
    newest, *archives = chain(client, "/sample/feed.atom")
    assert "current" not in links(newest)
    for one in archives:
        assert links(one)["current"] == "http://testserver/sample/feed.atom"
        assert "next" not in links(one)
    assert {one.feed.id for one in (newest, *archives)} == {"http://testserver/sample/feed.atom"}
    assert "prev-archive" not in links(archives[-1])


def test_a_week_that_is_over_is_an_archive_of_its_own(busy: Services, client: TestClient) -> None:
    first = document(client, "/sample/feed.atom?week=1&limit=100")
    assert first.is_archive
    assert len(first.entries) == 100
    assert parse_qs(urlsplit(links(first)["prev-archive"]).query)["week"] == ["1"]


@pytest.mark.parametrize(("passed", "is_archive"), [(-1, False), (0, True)])
def test_the_running_week_becomes_one_when_it_ends(
    client: TestClient,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    passed: int,
    is_archive: bool,
) -> None:
    with services.database.reading() as session:
        course = courses.course(session, "sample").course
    ends_at = course.bounds(course.weeks[-1])[1]
    monkeypatch.setattr(documents, "now", lambda: ends_at + timedelta(seconds=passed))
    assert document(client, "/sample/feed.atom?week=2").is_archive is is_archive


def test_the_following_archive_is_named_where_it_is_known(
    busy: Services, client: TestClient
) -> None:
    *_, earliest = chain(client, "/sample/feed.atom")
    assert len(earliest.entries) >= 3
    # The next period takes three documents, and only the newest of them has a lasting address.
    assert "next-archive" not in links(earliest)


def test_the_following_archive_of_a_quiet_course(services: Services, client: TestClient) -> None:
    at = datetime.now(UTC).replace(microsecond=0)
    publish(
        services, "https://ben.example/feed", entry("ben.example", 7, at - timedelta(days=20), "x")
    )
    *_, earliest = chain(client, "/sample/feed.atom")
    assert links(earliest)["next-archive"] == "http://testserver/sample/feed.atom?limit=100&week=1"


def test_other_filters_are_paged_but_not_archived(busy: Services, client: TestClient) -> None:
    found = document(client, "/sample/feed.atom?tag=sample&limit=5")
    assert "prev-archive" not in links(found)
    older = document(client, links(found)["next"])
    assert older.entries
    assert not {post.id for post in older.entries} & {post.id for post in found.entries}
    assert older.feed.id == found.feed.id == "http://testserver/sample/feed.atom?tag=sample"


def test_json_feed_goes_on_to_the_archives(busy: Services, client: TestClient) -> None:
    found: set[str] = set()
    url: str | None = "/sample/feed.json"
    while url:
        parts = urlsplit(url)
        page = client.get(parts.path + (f"?{parts.query}" if parts.query else "")).json()
        found |= {item["id"] for item in page["items"]}
        url = page.get("next_url")
    assert found == all_posts(client)


def test_periods_cover_all_time() -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC).date() for day in (2, 9, 16, 23)]
    weeks = (Week(1, "", days[0], days[1]), Week(2, "", days[2], days[3]))  # a gap between them
    found = periods(Course("sample", "", ("sample",), weeks=weeks))
    assert [one.week for one in found] == [None, 1, None, 2, None]
    assert found[0].begins is None
    assert found[-1].ends is None
    assert all(one.ends == two.begins for one, two in pairwise(found))
    assert periods(Course("sample", "", ("sample",))) == (Period(None, None),)
