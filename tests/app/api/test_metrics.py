"""Numbers for Prometheus."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.api.metrics import Metrics
from app.clock import now
from app.wiring import Services
from models.store import courses
from models.tables.sources import SourceTable


def samples(text: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        for name, labels, value, *_ in family.samples:
            shown = ",".join(f"{key}={labels[key]}" for key in sorted(labels))
            yield f"{name}{{{shown}}}", value


def read(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    return dict(samples(answer.text))


def test_what_is_stored(client: TestClient) -> None:
    found = read(client)
    assert found["moocfeed_up{}"] == 1
    assert found["moocfeed_posts{course=sample}"] == 25
    assert found["moocfeed_revision{course=sample}"] >= 25
    assert found["moocfeed_sources{course=sample,state=new}"] == 2
    assert found["moocfeed_sources_overdue{}"] == 0


def test_sources_by_state(client: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        late = now() - timedelta(minutes=5)
        session.execute(update(SourceTable).values(failures=3, due_at=late))
    found = read(client)
    assert found["moocfeed_sources{course=sample,state=failing}"] == 2
    assert found["moocfeed_sources_overdue{}"] == 2


def test_requests_rendered_and_cached(client: TestClient) -> None:
    before = read(client)
    for _ in range(3):
        client.get("/api/v1/courses/sample/posts")
    client.get("/api/v1/courses/nobody")
    found = read(client)
    assert found["moocfeed_http_cached_total{}"] - before["moocfeed_http_cached_total{}"] == 2
    assert found["moocfeed_http_requests_total{kind=rendered,status=404}"] == 1
    assert found["moocfeed_http_render_seconds_count{}"] >= 3


def test_without_the_database(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(courses, "courses", away)
    found = read(client)
    assert found["moocfeed_up{}"] == 0
    assert "moocfeed_http_cached_total{}" in found
    assert not [name for name in found if name.startswith("moocfeed_posts")]


def test_each_service_counts_for_itself(services: Services) -> None:
    one, other = Metrics(), Metrics()
    one.cached.inc()
    text, _ = other.render(services.database)
    assert dict(samples(text.decode()))["moocfeed_http_cached_total{}"] == 0
