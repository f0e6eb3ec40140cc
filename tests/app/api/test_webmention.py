"""Receiving Webmentions: who may be a target, what is kept, what it becomes."""

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from app.clock import now
from app.wiring import Services
from collectors.contract import Reply
from collectors.reading import read
from models.store import courses, feed, intake, mentions, reprojecting, sources
from models.store.feed import Filter
from models.store.sources import SourceRow
from models.tables.posts import PostTable
from tests.app.conftest import merge

PAGE = "https://cem.example/answer"


def send(client: TestClient, source: str, target: str) -> int:
    return client.post("/webmention", data={"source": source, "target": target}).status_code


def pages(services: Services) -> list[SourceRow]:
    with services.database.reading() as session:
        return [row for row in sources.listed(session) if row.kind == mentions.KIND]


def first_post(client: TestClient) -> dict[str, str]:
    found: dict[str, str] = client.get("/api/v1/courses/sample/posts").json()["items"][0]
    return found


def look(services: Services, body: str) -> None:
    """What a collector does with the page."""
    (row,) = pages(services)
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        reading = read(sources.spec(row, course.course), Reply(PAGE, 200, {}, body.encode()), now())
        answer = intake.Answer(
            row.course_id, row.id, reading.entries, held=bool(row.options.get("held"))
        )
        intake.take_in(session, answer, now())


def test_the_course_pages_say_where_to_send_them(client: TestClient) -> None:
    link = client.get("/sample").headers["link"]
    assert link == '<http://testserver/webmention>; rel="webmention"'


def test_a_response_to_a_post_waits_for_a_facilitator(
    client: TestClient, services: Services
) -> None:
    post = first_post(client)
    target = f"http://testserver/sample/posts/{post['id']}"
    assert send(client, PAGE, target) == 202
    (row,) = pages(services)
    assert (row.url, row.options) == (PAGE, {"target": target, "post": post["url"], "held": True})
    assert row.due_at is not None
    look(
        services, f"<div class='h-entry'><p class='e-content'><a href='{target}'>hier</a></p></div>"
    )
    path = f"/api/v1/courses/sample/posts/{post['id']}/responses"
    before = len(client.get(path).json()["items"])
    with services.database.writing() as session:
        session.execute(update(PostTable).values(held=False))
        reprojecting.reproject(session, row.course_id, now())
    after = client.get(path, headers={"Cookie": "past=the cache"}).json()["items"]
    assert len(after) == before + 1
    assert PAGE in {item["url"] for item in after}


def test_a_page_of_a_known_blog_is_shown_at_once(client: TestClient, services: Services) -> None:
    target = f"http://testserver/sample/posts/{first_post(client)['id']}"
    assert send(client, "https://ben.example/answer", target) == 202
    (row,) = pages(services)
    assert row.options["held"] is False


def test_a_mention_of_the_course_is_a_post_if_it_has_the_tag(
    client: TestClient, services: Services
) -> None:
    for target in ("http://testserver/sample", "http://testserver/sample/weeks/1"):
        assert send(client, PAGE, target) == 202
    (row,) = pages(services)
    assert row.options["post"] is None
    link = "<a href='http://testserver/sample'>Kurs</a>"
    look(services, f"<div class='h-entry'><p class='e-content'>Zum {link} #sample</p></div>")
    with services.database.reading() as session:
        course = courses.course(session, "sample")
        held = feed.page(session, course, Filter(kind="blog"), limit=100).posts
    assert PAGE not in {post.url for post in held}  # it waits


def test_the_page_of_a_merged_post_is_a_target(client: TestClient, services: Services) -> None:
    kept, merged = merge(services)
    assert send(client, PAGE, f"http://testserver/sample/posts/{merged}") == 202
    (row,) = pages(services)
    post = client.get(f"/api/v1/courses/sample/posts/{kept}").json()
    assert row.options["post"] == post["url"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (PAGE, "https://else.example/"),
        (PAGE, "http://testserver/"),
        (PAGE, "http://testserver/nobody"),
        (PAGE, "http://testserver/sample/posts/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"),
        (PAGE, "http://testserver/sample/posts/x"),
        (PAGE, "http://testserver//[sample"),
        (PAGE, "http://testserver.evil.example/sample"),
        ("http://testserver/sample", "http://testserver/sample"),
        ("javascript:alert(1)", "http://testserver/sample"),
        ("", ""),
    ],
)
def test_what_cannot_be_one(
    client: TestClient, services: Services, source: str, target: str
) -> None:
    assert send(client, source, target) == 400
    assert pages(services) == []


@pytest.mark.parametrize(
    "body", [b"", b"\xff\x00", b"x" * 9000, b"a=1&" * 100, b"source=http://a.example/%00&target=x"]
)
def test_what_is_refused_is_a_problem(client: TestClient, body: bytes) -> None:
    answer = client.post("/webmention", content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["type"] == "urn:moocfeed:problem:bad-request"
    assert "a.example" not in answer.text


def test_other_methods_are_told_which_is_taken(client: TestClient) -> None:
    for method in ("GET", "HEAD", "PUT"):
        answer = client.request(method, "/webmention", content=b"x")
        assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
        assert answer.headers["content-type"] == "application/problem+json"
    answer = client.put("/api/v1/courses")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_there_is_an_end_to_what_waits(client: TestClient, services: Services) -> None:
    for number in range(mentions.MOST_OF_A_HOST):
        assert send(client, f"{PAGE}/{number}", "http://testserver/sample") == 202
    assert send(client, f"{PAGE}/more", "http://testserver/sample") == 429
    assert send(client, f"{PAGE}/1", "http://testserver/sample") == 202  # again
    assert client.post("/webmention", content=b"x" * 9000).status_code == 400
    with services.database.writing() as session:
        mentions.prune(session, now() + 2 * mentions.UNVERIFIED)
    assert pages(services) == []
