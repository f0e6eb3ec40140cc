"""Refusals and faults: pages for people, problems for programs."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.wiring import Services
from models.store import courses, sources, withdrawing

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "de"}


def heading(text: str) -> str:
    node = LexborHTMLParser(text).css_first("h1")
    assert node is not None
    return node.text()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nobody", 404, "Hier ist nichts"),
        ("/NOBODY", 404, "Hier ist nichts"),
        (f"/{'x' * 500}", 404, "Hier ist nichts"),
        ("/sample/weeks/7", 404, "Hier ist nichts"),
        ("/sample/weeks/²", 404, "Hier ist nichts"),
        ("/sample/posts/nothing", 404, "Hier ist nichts"),
        ("/sample/posts/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10", 404, "Hier ist nichts"),
        ("/sample/nothing/here", 404, "Hier ist nichts"),
        ("/sample?foo=1", 422, "Das hat nicht geklappt"),
        ("/sample?limit=0", 422, "Das hat nicht geklappt"),
        ("/sample?cursor=x", 422, "Das hat nicht geklappt"),
        ("/sample?ui=fr", 422, "Das hat nicht geklappt"),
        ("/?foo=1", 422, "Das hat nicht geklappt"),
    ],
)
def test_browsers_get_pages(client: TestClient, path: str, status: int, words: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert heading(answer.text) == words
    assert "nobody" not in answer.text.lower()
    assert "foo" not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_programs_get_problems_where_nothing_is(client: TestClient, accept: str) -> None:
    nowhere = ("/sample/nothing/here", "/embed/sample/more", "/sample/nothing.ics")
    pages = (
        "/nobody",
        "/embed/nobody",
        "/sample/weeks/7",
        "/sample/posts/nothing",
        "/static/nothing.css",
    )
    for path in (*nowhere, *pages):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:moocfeed:problem:not-found"


def test_the_api_answers_in_its_own_way_whoever_asks(client: TestClient) -> None:
    for path in ("/api/v1/nothing", "/api/v1/courses/nobody", "/sample/feed.atom?limit=0"):
        answer = client.get(path, headers=BROWSER)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_refusal_leads_back_to_the_course(client: TestClient) -> None:
    tree = LexborHTMLParser(client.get("/sample?limit=0", headers=BROWSER).text)
    assert [link.attributes["href"] for link in tree.css("main a")] == ["/sample"]
    tree = LexborHTMLParser(client.get("/nobody", headers=BROWSER).text)
    assert [link.attributes["href"] for link in tree.css("main a")] == ["/"]


def test_a_withdrawn_post(client: TestClient, services: Services) -> None:
    post = client.get("/api/v1/courses/sample/posts?limit=1").json()["items"][0]
    with services.database.writing() as session:
        course = courses.course(session, "sample")
        source = sources.get(session, post["sources"][0]["id"])
        withdrawing.withdraw_source(session, course.id, source.id, datetime.now(UTC))
    answer = client.get(f"/sample/posts/{post['id']}", headers={**BROWSER, "Cookie": "a=b"})
    assert answer.status_code == 410
    assert heading(answer.text) == "Dieser Beitrag wurde zurückgezogen"


def test_a_database_that_is_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(courses, "course", away)
    answer = client.get("/sample?limit=3", headers=BROWSER)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert heading(answer.text) == "Einen Augenblick"
    assert "refused" not in answer.text


def test_a_bug_of_ours(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web import create_app

    def broken(*_: object) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr(courses, "course", broken)
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        page = client.get("/sample", headers=BROWSER)
        problem = client.get("/api/v1/courses/sample")
    assert (page.status_code, problem.status_code) == (500, 500)
    assert heading(page.text) == "Das hat nicht geklappt"
    assert problem.json()["type"] == "urn:moocfeed:problem:internal"
    assert "hunter2" not in page.text + problem.text


def test_a_refusal_speaks_the_language_that_was_chosen(client: TestClient) -> None:
    german = {"Accept": "text/html", "Accept-Language": "de"}
    for path in ("/sample/weeks/99?ui=en", "/sample?ui=en&limit=0"):
        answer = client.get(path, headers=german)
        assert answer.headers["content-language"] == "en"
    assert client.get("/sample?ui=xx", headers=german).headers["content-language"] == "de"
