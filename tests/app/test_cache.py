"""The cache: validators, credentials, compression, CORS, and one rendering for all."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from app.wiring import Services
from models.store import courses, feed
from tests.app.conftest import entry, publish

POSTS = "/api/v1/courses/sample/posts"
PUBLIC = [
    *(POSTS, "/api/v1/courses", "/api/v1/courses/sample", "/sample", "/", "/sample/weeks/1"),
    *("/sample/feed.rss", "/sample/feed.atom", "/sample/feed.json", "/sample/sources.opml"),
    *("/sample/calendar.ics", "/api/v1/courses/sample/links", "/api/v1/courses/sample/changes"),
]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_answers_are_validated(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=30, stale-while-revalidate=60"
    etag = answer.headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag
    assert int(head.headers["content-length"]) > 0


def test_order_of_parameters_does_not_matter(client: TestClient) -> None:
    one = client.get(f"{POSTS}?limit=2&q=text").headers["etag"]
    assert client.get(f"{POSTS}?q=text&limit=2").headers["etag"] == one
    assert client.get(f"{POSTS}?q=text&limit=3").headers["etag"] != one


def test_a_change_is_seen_within_a_second(client: TestClient, services: Services) -> None:
    before = client.get(POSTS)
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu"))
    time.sleep(1)
    after = client.get(POSTS, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["revision"] > before.json()["revision"]


def test_credentials_pass_by(client: TestClient) -> None:
    for headers in ({"Authorization": "Bearer x"}, {"Cookie": "a=b"}):
        answer = client.get(POSTS, headers=headers)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_compressed_and_plain_are_two(client: TestClient) -> None:
    plain = client.get(POSTS, headers={"Accept-Encoding": "identity"})
    packed = client.get(POSTS, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]


def test_errors_are_not_kept(client: TestClient) -> None:
    for path in (f"{POSTS}?limit=0", "/api/v1/courses/nobody"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"


def test_preflight(client: TestClient) -> None:
    answer = client.options(
        POSTS, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"


def test_rendered_once_for_all(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = 0
    real = feed.page

    def slow(*args: object, **kwargs: object) -> object:
        nonlocal rendered
        rendered += 1
        time.sleep(0.3)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(feed, "page", slow)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get(f"{POSTS}?limit=9").status_code, range(8)))
    assert answers == [200] * 8
    assert rendered == 1


def test_known_answers_survive_a_database_that_is_away(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    body = client.get(POSTS).content

    def away(session: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(courses, "versions", away)
    monkeypatch.setattr(courses, "plain_course", lambda session, slug: away(session))
    time.sleep(0.7)
    assert client.get(POSTS).content == body
    answer = client.get(f"{POSTS}?limit=3")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:moocfeed:problem:unavailable"
