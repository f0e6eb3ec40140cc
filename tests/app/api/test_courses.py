"""Courses, their links and people."""

import pytest
from starlette.testclient import TestClient

from app.clock import now
from app.wiring import Services
from models.store import schedule, sources
from models.store.schedule import FetchRecord
from models.store.sources import SourceRow

EXPLAIN = "/api/v1/courses/sample/explain"


def test_a_course(client: TestClient) -> None:
    course = client.get("/api/v1/courses/sample").json()
    assert course["title"] == "Ein Beispielkurs"
    assert course["hashtags"] == ["sample"]
    assert course["current_week"] == 2
    assert course["counts"] == {"posts": 25, "sources": 2, "people": 2}
    first = course["weeks"][0]
    assert first["question"] == "Womit fangen wir an?"
    assert first["events"][0]["title"] == "Sprechstunde"
    assert first["starts_at"].endswith("Z")
    assert client.get("/api/v1/courses").json() == {"items": [course]}


def test_links_and_people(client: TestClient) -> None:
    links = client.get("/api/v1/courses/sample/links").json()
    assert links["curated"][0]["links"] == [
        {"title": "Zum Einlesen", "url": "https://reading.example/one"}
    ]
    people = client.get("/api/v1/courses/sample/participants").json()["items"]
    assert [(person["name"], person["posts"]) for person in people] == [("Ada (Muster)", 24)]


def test_an_explanation_is_that_of_now(client: TestClient, services: Services) -> None:
    path = f"{EXPLAIN}?url=https://ben.example/feed"
    before = client.get(path)
    assert before.headers["cache-control"] == "no-store"
    with services.database.writing() as session:
        (source,) = (one for one in sources.listed(session) if "ben" in one.url)
        schedule.record(session, [failed(source)])
    after = client.get(path, headers={"If-None-Match": before.headers.get("etag", "none")})
    assert "It hangs." in after.text


def failed(source: SourceRow) -> FetchRecord:
    values = {"last_fetch_at": now(), "failures": 1, "last_error": "It hangs."}
    return FetchRecord(source.course_id, source.id, now(), "failed", None, 30_000, 0, values)


@pytest.mark.parametrize("odd", ["http://[::1", "//[x", "/@[x", "@a@[x"])
def test_what_is_no_address_is_explained(client: TestClient, odd: str) -> None:
    answer = client.get(EXPLAIN, params={"url": odd})
    assert (answer.status_code, answer.json()["shown"]) == (200, False)
    assert answer.json()["mend"].startswith("Give an address")


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "url: must be given."),
        ("?url=", "url: must not be empty."),
        (f"?url={'x' * 2001}", "url: must have 2000 characters at most."),
        ("?url=a%00b", "url: must not hold control characters."),
    ],
)
def test_what_cannot_be_explained(client: TestClient, query: str, detail: str) -> None:
    answer = client.get(EXPLAIN + query)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_unknown_places_are_problems(client: TestClient) -> None:
    for path in (
        *("/api/v1/courses/nobody", "/api/v1/courses/NOBODY", "/api/v1/courses/no%00body"),
        *("/api/v1/courses/nobody/links", "/api/v1/nothing", "/api/v1/courses/sample/nothing"),
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "nobody" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("/api/v1/courses", "/api/v1/courses/sample", "/api/v1/courses/sample/links"),
        *("/api/v1/courses/sample/participants", "/api/v1/courses/sample/sources.opml"),
        *("/api/v1/courses/sample/calendar.ics", "/sample/sources.opml", "/sample/calendar.ics"),
    ],
)
def test_parameters_where_there_are_none(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?nobody=1")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:moocfeed:problem:invalid-parameter"
    assert "nobody" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/courses/sample", "/sample", "/healthz"])
def test_only_reading(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
