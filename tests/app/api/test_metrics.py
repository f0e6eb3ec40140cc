"""Numbers for Prometheus."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.api.metrics import INSTANCES_EVERY, Metrics
from app.clock import now
from app.wiring import Services
from models.domain.delays import added
from models.domain.normalise import normalise
from models.domain.post import Kind, RawAuthor, RawPost
from models.store import courses, intake, sources
from models.store.intake import Answer
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


def test_delays_of_the_sources_that_have_any(client: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        one, _ = sources.listed(session)
        sources.change(session, one, {"delays": added([], [4.0] * 9 + [90.0])})
    found = read(client)
    delays = {name: value for name, value in found.items() if name.startswith("moocfeed_delay")}
    shown = f"course=sample,quantile={{}},source={one.id}"
    assert delays == {
        f"moocfeed_delay_seconds{{{shown.format(0.5)}}}": pytest.approx(3.67, abs=0.01),
        f"moocfeed_delay_seconds{{{shown.format(0.95)}}}": 90.0,
    }


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


def test_what_each_instance_shows_is_counted_now_and_then(services: Services) -> None:
    moments = [0.0]
    metrics = Metrics(clock=lambda: moments[-1])
    one, two = (add_instance(services, f"https://{name}.example") for name in ("one", "two"))
    bring(services, one, "1", "2")
    shown = instance_posts(metrics, services)
    assert shown[one] == {"first": 2, "late": 0, "never": 0}
    assert shown[two] == {"first": 0, "late": 0, "never": 2}
    bring(services, two, "2", "3")
    assert instance_posts(metrics, services) == shown
    moments.append(INSTANCES_EVERY)
    shown = instance_posts(metrics, services)
    assert shown[one] == {"first": 2, "late": 0, "never": 1}
    assert shown[two] == {"first": 1, "late": 1, "never": 1}


def add_instance(services: Services, url: str) -> str:
    with services.database.writing() as session:
        course = courses.plain_course(session, "sample")
        return sources.add(session, course.id, kind="mastodon", url=url, now=now())


def bring(services: Services, source_id: str, *names: str) -> None:
    """Statuses of one account, as this instance shows them."""
    with services.database.writing() as session:
        source = sources.get(session, source_id)
        spec = sources.spec(source, courses.course(session, "sample").course)
        raw = (
            RawPost(
                external_id=f"https://home.example/{name}",
                kind=Kind.STATUS,
                url=f"https://home.example/{name}",
                content="<p>#sample</p>",
                published_at=now(),
                author=RawAuthor("Ada (Muster)"),
            )
            for name in names
        )
        entries = [normalise(post, spec, now()) for post in raw]
        intake.take_in(session, Answer(source.course_id, source.id, entries), now())


def instance_posts(metrics: Metrics, services: Services) -> dict[str, dict[str, float]]:
    """Source -> how it showed posts -> how many."""
    text, _ = metrics.render(services.database)
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        if family.name == "moocfeed_instance_posts":
            for _, labels, value, *_ in family.samples:
                found.setdefault(labels["source"], {})[labels["shown"]] = value
    return found


def test_each_service_counts_for_itself(services: Services) -> None:
    one, other = Metrics(), Metrics()
    one.cached.inc()
    text, _ = other.render(services.database)
    assert dict(samples(text.decode()))["moocfeed_http_cached_total{}"] == 0
