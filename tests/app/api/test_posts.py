"""The combined feed over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from app.wiring import Services
from models.store import courses, sources, withdrawing
from tests.app.conftest import entry, merge, publish

POSTS = "/api/v1/courses/sample/posts"


def walk(client: TestClient, url: str) -> list[dict[str, Any]]:
    """All posts of a list, page by page."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert (page["next"] is None) == ("link" not in answer.headers)
        found += page["items"]
        following = page["next"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 7, 25, 100])
@pytest.mark.parametrize("order", ["newest", "oldest", "discussed"])
def test_every_post_once_in_order(client: TestClient, limit: int, order: str) -> None:
    posts = walk(client, f"{POSTS}?limit={limit}&order={order}")
    assert len({post["id"] for post in posts}) == len(posts) == 25
    times = [post["published_at"] for post in posts]
    if order == "discussed":
        assert [post["responses"] for post in posts] == [1] + [0] * 24
    else:
        assert times == sorted(times, reverse=order == "newest")


def test_a_post_has_the_promised_fields(client: TestClient) -> None:
    post = client.get(f"{POSTS}?q=Werkzeuge").json()["items"][0]
    assert list(post) == [
        *("id", "course", "kind", "url", "title", "content_html", "excerpt", "language"),
        *("published_at", "updated_at", "first_seen_at", "author", "sources", "hashtags", "links"),
        *("media", "in_reply_to", "announced_by", "responses", "week", "pinned", "sensitive"),
        "content_warning",
    ]
    assert post["course"] == "sample"
    assert post["author"]["name"] == "Ada (Muster)"
    assert post["author"]["participant"]
    assert post["sources"][0]["kind"] == "feed"
    assert post["published_at"].endswith("Z")
    assert client.get(f"{POSTS}/{post['id']}").json() == post


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "werkzeuge"}, 1),
        ({"q": "haus"}, 1),
        ({"q": "hauser"}, 1),
        ({"q": "nirgends"}, 0),
        ({"q": "…"}, 0),
        ({"kind": "blog"}, 25),
        ({"kind": "status"}, 0),
        ({"kind": "comment"}, 0),
        ({"tag": "sample"}, 25),
        ({"tag": "#Sample"}, 25),
        ({"tag": "other"}, 0),
        ({"source": "nobody"}, 0),
        ({"participant": "nobody"}, 0),
        ({"week": "9"}, 0),
        ({"since": "2100-01-01"}, 0),
        ({"until": "2001-01-01T00:00:00Z"}, 0),
        ({"since": "2001-01-01", "until": "2100-01-01T00:00:00+02:00"}, 25),
    ],
)
def test_filters(client: TestClient, query: dict[str, str], expected: int) -> None:
    assert len(walk(client, f"{POSTS}?{urlencode(query)}&limit=10")) == expected


def test_filters_by_what_posts_name(client: TestClient) -> None:
    everything = walk(client, POSTS)
    ben = next(post for post in everything if "ben" in post["url"])
    ada = next(post for post in everything if "ada" in post["url"])
    assert walk(client, f"{POSTS}?source={ben['sources'][0]['id']}") == [ben]
    both = f"{ben['sources'][0]['id']},{ada['sources'][0]['id']}"
    assert walk(client, f"{POSTS}?source={both}&limit=7") == everything
    person = ada["author"]["participant"]
    assert len(walk(client, f"{POSTS}?participant={person}")) == 24
    by_week = [post for week in (1, 2) for post in walk(client, f"{POSTS}?week={week}")]
    assert {post["week"] for post in by_week} == {1, 2}
    outside = [post for post in everything if post["week"] is None]
    assert len(by_week) + len(outside) == 25


def test_responses_stand_under_their_post(client: TestClient) -> None:
    ben = next(post for post in walk(client, POSTS) if "ben" in post["url"])
    answered = walk(client, f"{POSTS}?order=discussed&limit=1")[0]
    page = client.get(f"{POSTS}/{answered['id']}/responses").json()
    assert page["items"] == [ben]
    assert page["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=x", "limit=-1", "page=2", "foo", "q=" + "x" * 201),
        *("since=gestern", "since=2026-13-01", "until=2026-01-01T00:00:00", "since=1", "week=-1"),
        *("week=x", "kind=tweet", "order=random", "cursor=x", "cursor=%00", "q=%00", "tag=%07"),
        *("until=9999-12-31T23:59:59-12:00&since=0001-01-01T00:00:00%2B12:00",),
    ],
)
def test_bad_parameters_are_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"{POSTS}?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].startswith("urn:moocfeed:problem:invalid-")
    assert problem["status"] == 422
    assert problem["title"]
    assert problem["detail"]
    assert "xxx" not in answer.text
    assert "tweet" not in answer.text


def test_cursors_belong_to_their_list(client: TestClient) -> None:
    following = client.get(f"{POSTS}?limit=2").json()["next"]
    assert client.get(following).status_code == 200
    assert client.get(following.replace("limit=2", "limit=3")).status_code == 200
    for foreign in (
        following.replace("limit=2", "q=text"),
        following + "&order=oldest",
        following.replace("/posts", "/feed.rss"),
    ):
        assert client.get(foreign).status_code == 422


def test_unknown_withdrawn_and_back_again(client: TestClient, services: Services) -> None:
    assert client.get(f"{POSTS}/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10").status_code == 404
    assert client.get(f"{POSTS}/nonsense").status_code == 404
    assert client.get("/api/v1/courses/nobody/posts").status_code == 404
    ben = next(post for post in walk(client, POSTS) if "ben" in post["url"])
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.get(session, ben["sources"][0]["id"])
        withdrawing.withdraw_source(session, course.id, source.id, datetime.now(UTC))
    gone = client.get(f"{POSTS}/{ben['id']}?", headers={"Cookie": "past=the cache"})
    assert gone.status_code == 410
    assert gone.json()["type"] == "urn:moocfeed:problem:gone"


def test_what_turned_out_to_be_one_post(client: TestClient, services: Services) -> None:
    kept, merged = merge(services)
    listed = {post["id"] for post in walk(client, POSTS)}
    assert (kept in listed, merged in listed) == (True, False)
    assert client.get(f"{POSTS}/{kept}").status_code == 200
    gone = client.get(f"{POSTS}/{merged}")
    assert (gone.status_code, gone.json()["merged_into"]) == (410, kept)


def test_changes_in_order(client: TestClient, services: Services) -> None:
    log: list[dict[str, Any]] = []
    since, more = 0, True
    while more:
        page = client.get(f"/api/v1/courses/sample/changes?since={since}").json()
        log += page["changes"]
        since, more = page["revision"], page["more"]
    assert [change["revision"] for change in log] == list(range(1, len(log) + 1))
    posts = {change["id"] for change in log if change["change"] == "post"}
    assert len(posts) == 25
    at = datetime.now(UTC) - timedelta(minutes=1)
    publish(services, "https://ben.example/feed", entry("ben.example", 2, at, "Neu"))
    url = f"/api/v1/courses/sample/changes?since={since}"
    page = client.get(url, headers={"Cookie": "past=the cache"}).json()
    assert [change["change"] for change in page["changes"]] == ["post"]
    assert page["changes"][0]["post"]["title"] == "Post 2"
    assert client.get("/api/v1/courses/sample/changes?since=-1").status_code == 422
