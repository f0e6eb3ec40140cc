"""The cache: validators, credentials, compression, CORS, and one rendering for all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app import settings
from app.cache import LIMIT, Answer, Shelf
from app.web import create_app
from app.wiring import Services
from models.store import feed
from tests.app.conftest import entry, publish
from tests.waiting import wait_for

POSTS = "/api/v1/courses/sample/posts"
PUBLIC = [
    *(POSTS, "/api/v1/courses", "/api/v1/courses/sample", "/sample", "/", "/sample/weeks/1"),
    *("/sample/feed.rss", "/sample/feed.atom", "/sample/feed.json", "/sample/sources.opml"),
    *("/embed/sample", "/sample/embed", "/oembed?url=http://testserver/sample"),
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
    anything = client.get(path, headers={"If-None-Match": "*"})
    assert (anything.status_code, anything.content) == (304, b"")
    assert anything.headers["etag"] == etag
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag
    assert int(head.headers["content-length"]) > 0


def test_order_of_parameters_does_not_matter(client: TestClient) -> None:
    one = client.get(f"{POSTS}?limit=2&q=text").headers["etag"]
    assert client.get(f"{POSTS}?q=text&limit=2").headers["etag"] == one
    assert client.get(f"{POSTS}?q=text&limit=3").headers["etag"] != one


def test_where_a_visitor_came_from_does_not_matter(client: TestClient) -> None:
    one = client.get("/sample?tag=tools")
    for query in ("fbclid=x&tag=tools", "tag=tools&utm_source=letter&utm_medium=mail"):
        followed = client.get(f"/sample?{query}")
        assert (followed.status_code, followed.headers["etag"]) == (200, one.headers["etag"])
    assert client.get("/sample?gclid=x").headers["etag"] == client.get("/sample").headers["etag"]
    assert client.get("/sample/?fbclid=x", follow_redirects=False).headers["location"] == "/sample"
    assert client.get("/embed/sample?fbclid=x").status_code == 200
    assert client.get("/sample?other=x&fbclid=x").status_code == 422
    assert client.get(f"{POSTS}?fbclid=x").status_code == 422


def test_a_change_is_seen(client: TestClient, services: Services) -> None:
    before = client.get(POSTS)
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu"))
    validator = {"If-None-Match": before.headers["etag"]}
    wait_for(lambda: client.get(POSTS, headers=validator).status_code == 200)
    assert client.get(POSTS).json()["revision"] > before.json()["revision"]


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


@pytest.mark.parametrize("codings", [("gzip", "identity"), ("identity", "gzip")])
def test_whatever_form_was_asked_for_first(client: TestClient, codings: tuple[str, str]) -> None:
    texts = {
        client.get(POSTS, headers={"Accept-Encoding": coding}).text
        for coding in (*codings, *codings)
    }
    assert len(texts) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, LIMIT // 4), st.booleans())))
def test_the_shelf_holds_no_more_than_it_may(puts: list[tuple[int, int, bool]]) -> None:
    shelf = Shelf()
    for name, size, grows in puts:
        key = str(name).encode()
        answer = (shelf.get(key) if grows else None) or Answer(200, [], None)
        answer.body = bytes(size)
        shelf.put(key, answer)
        assert (shelf.get(key) is answer) == (answer.size <= LIMIT // 8)
        assert shelf.size == sum(kept.size for kept in shelf.answers.values()) <= LIMIT


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}])
def test_errors_are_not_kept(client: TestClient, headers: dict[str, str]) -> None:
    for path in (f"{POSTS}?limit=0", "/api/v1/courses/nobody"):
        answer = client.get(path, headers=headers)
        assert answer.status_code in {404, 422}
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"


def test_every_answer_says_its_length_once(client: TestClient) -> None:
    for path in (POSTS, f"{POSTS}?limit=0", "/nobody", "/nothing/at/all", "/healthz", "/sample/"):
        plain = {"Accept-Encoding": "identity"}
        answer = client.get(path, headers=plain, follow_redirects=False)
        assert answer.headers.get_list("content-length") == [str(len(answer.content))], path


@pytest.mark.parametrize("path", [POSTS, "/sample", "/healthz"])
@pytest.mark.parametrize("origin", [{}, {"Access-Control-Request-Method": "GET"}])
def test_preflight(client: TestClient, path: str, origin: dict[str, str]) -> None:
    answer = client.options(path, headers={"Origin": "https://a.example", **origin})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/sample/", "/sample"),
        ("/sample//?ui=en", "/sample?ui=en"),
        ("/api/v1/courses/sample/posts/?limit=2", "/api/v1/courses/sample/posts?limit=2"),
    ],
)
def test_a_slash_too_many(client: TestClient, path: str, place: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, place)


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/%5cevil.example/", "//"])
def test_no_way_to_another_host(client: TestClient, path: str) -> None:
    answer = client.get(f"http://testserver{path}", follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_what_answers_depend_on_beside_the_data(services: Services, tmp_path: Path) -> None:
    """Another public URL stands in every link; another key makes old cursors worthless."""
    etags = set()
    for setting in (
        {},
        {"MOOCFEED_PUBLIC_URL": "https://feed.example"},
        {"MOOCFEED_SECRET_KEY": "another key for tests"},
    ):
        changed = settings.load({**services.settings.environ(), **setting}, tmp_path / "none")
        with TestClient(create_app(replace(services, settings=changed))) as client:
            etags.add(client.get(POSTS).headers["etag"])
    assert len(etags) == 3


def test_the_same_service_started_again_knows_its_etags(services: Services) -> None:
    etags = set()
    for _ in range(2):
        with TestClient(create_app(services), base_url="http://testserver") as client:
            etags.add(client.get("/sample").headers["etag"])
    assert len(etags) == 1


def test_rendered_once_for_all(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = 0
    everybody_waits = threading.Barrier(9)
    real = feed.page

    def slow(*args: object, **kwargs: object) -> object:
        nonlocal rendered
        rendered += 1
        everybody_waits.wait(10)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    def ask(_: int) -> int:
        pending = pool.submit(client.get, f"{POSTS}?limit=9")
        everybody_waits.wait(10)
        return pending.result().status_code

    monkeypatch.setattr(feed, "page", slow)
    with ThreadPoolExecutor(8) as pool, ThreadPoolExecutor(8) as people:
        assert list(people.map(ask, range(8))) == [200] * 8
    assert rendered == 1
