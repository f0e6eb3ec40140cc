"""Courses, their links and people, and what operators watch."""

from starlette.testclient import TestClient

from app.wiring import Services
from models.store.engine import Database


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


def test_unknown_places_are_problems(client: TestClient) -> None:
    for path in ("/api/v1/courses/nobody", "/api/v1/nothing", "/api/v1/courses/sample/nothing"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "nobody" not in answer.text
    refused = client.post("/api/v1/courses/sample")
    assert refused.status_code == 405
    assert refused.json()["type"] == "urn:moocfeed:problem:method-not-allowed"


def test_health(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"


def test_not_ready_without_the_newest_schema(client: TestClient, services: Services) -> None:
    database: Database = services.database
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "newer moocfeed" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200


def test_metrics(client: TestClient) -> None:
    client.get("/api/v1/courses/sample/posts")
    client.get("/api/v1/courses/sample/posts")
    text = client.get("/metrics").text
    assert 'moocfeed_posts{course="sample"} 25.0' in text
    assert 'moocfeed_sources{course="sample",state="active"} 2.0' in text
    assert "moocfeed_up 1.0" in text
    assert "moocfeed_http_cached_total 1.0" in text
