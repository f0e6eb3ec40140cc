"""Numbers for Prometheus: of this process, and of the database when they are asked for."""

import collections
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.clock import now
from models.domain.delays import quantile
from models.store import courses, coverage, sources
from models.store.coverage import InstanceCoverage
from models.store.engine import Database
from models.store.rows import CourseRow
from models.store.schedule import health_of, last_seconds
from models.store.sources import SourceRow

INSTANCES_EVERY = 300.0
"""Seconds between two counts of what each instance shows: they look at every post."""
AGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Counters of one process, in a registry of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._instances = _Instances(clock)
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "moocfeed_http_requests",
            "Requests answered",
            ["kind", "status"],
            registry=self.registry,
        )
        self.cached = Counter(
            "moocfeed_http_cached",
            "Requests answered from the cache, 304s among them",
            registry=self.registry,
        )
        self.seconds = Histogram(
            "moocfeed_http_render_seconds",
            "How long answers took that had to be rendered",
            buckets=AGES,
            registry=self.registry,
        )
        self.streams = Gauge("moocfeed_streams", "Event streams open", registry=self.registry)
        self.events = Counter(
            "moocfeed_stream_events", "Events sent, over all streams", registry=self.registry
        )
        self.refused_streams = Counter(
            "moocfeed_streams_refused",
            "Streams not opened because there were too many",
            registry=self.registry,
        )
        self.cut_streams = Counter(
            "moocfeed_streams_cut",
            "Streams cut because their reader took nothing",
            registry=self.registry,
        )

    def render(self, database: Database) -> tuple[bytes, str]:
        """All numbers as text, with its content type."""
        stored = CollectorRegistry()
        stored.register(_Stored(database, self._instances))
        return generate_latest(self.registry) + generate_latest(stored), CONTENT_TYPE_PLAIN_0_0_4


class _Instances:
    """What each instance shows of the courses' posts, counted now and then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._counted: Mapping[str, Sequence[InstanceCoverage]] = {}
        self._until: float | None = None

    def read(
        self, session: Session, rows: Sequence[CourseRow]
    ) -> Mapping[str, Sequence[InstanceCoverage]]:
        """By the course's slug."""
        if self._until is None or self._clock() >= self._until:
            self._counted = {
                row.course.slug: coverage.of_instances(session, row.id) for row in rows
            }
            self._until = self._clock() + INSTANCES_EVERY
        return self._counted


class _Stored:
    """Numbers read from the database; without it, `moocfeed_up` is 0 and the rest is missing."""

    def __init__(self, database: Database, instances: _Instances) -> None:
        self._database = database
        self._instances = instances

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(self._read())
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("moocfeed_up", "The database answers", value=1 if found else 0)
        yield from found

    def _read(self) -> Iterator[Metric]:
        with self._database.reading() as session:
            rows = courses.courses(session)
            known = sources.listed(session)
            seconds = last_seconds(session)
            instances = self._instances.read(session, rows)
        posts = GaugeMetricFamily("moocfeed_posts", "Posts shown", labels=["course"])
        revision = GaugeMetricFamily("moocfeed_revision", "Revision", labels=["course"])
        for row in rows:
            posts.add_metric([row.course.slug], row.posts)
            revision.add_metric([row.course.slug], row.revision)
        yield from (posts, revision)
        states = collections.Counter(
            (source.course, str(health_of(source, seconds))) for source in known
        )
        overdue = sum(
            source.due_at is not None and (now() - source.due_at).total_seconds() > 60
            for source in known
        )
        gauge = GaugeMetricFamily("moocfeed_sources", "Sources", labels=["course", "state"])
        for labels, count in states.items():
            gauge.add_metric(labels, count)
        yield gauge
        yield _delays(known)
        yield _coverage(instances)
        yield GaugeMetricFamily("moocfeed_sources_overdue", "Due for a minute", value=overdue)


def _delays(known: Sequence[SourceRow]) -> GaugeMetricFamily:
    """Of the sources that brought something new since they are known."""
    gauge = GaugeMetricFamily(
        "moocfeed_delay_seconds",
        "From published to stored",
        labels=["course", "source", "quantile"],
    )
    for source in known:
        for share in (0.5, 0.95):
            if (seconds := quantile(source.delays, share)) is not None:
                gauge.add_metric([source.course, source.id, str(share)], seconds)
    return gauge


def _coverage(instances: Mapping[str, Sequence[InstanceCoverage]]) -> GaugeMetricFamily:
    """Of courses that are read at several instances."""
    gauge = GaugeMetricFamily(
        "moocfeed_instance_posts",
        "Posts that an instance showed before the others, after them, or never",
        labels=["course", "source", "shown"],
    )
    for course, found in instances.items():
        for one in found:
            for shown, posts in (("first", one.first), ("late", one.late), ("never", one.never)):
                gauge.add_metric([course, one.source_id, shown], posts)
    return gauge
