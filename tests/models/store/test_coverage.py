"""Coverage: delays since a source is known, instances beside each other, gaps."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from models.domain.coursefile import parse
from models.domain.normalise import normalise
from models.domain.post import Kind, RawAuthor, RawPost
from models.domain.source import Match, Rule, SourceSpec
from models.store import applying, coverage, intake, schedule, sources
from models.store.engine import Database
from models.store.intake import Answer
from models.store.schedule import FetchRecord
from models.store.sources import SourceRow

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
FILE = """
[course]
slug = "sample"
title = "A sample"
hashtags = ["sample"]
[[sources]]
kind = "mastodon"
url = "https://one.example"
[[sources]]
kind = "mastodon"
url = "https://two.example"
"""


@pytest.fixture
def known(database: Database) -> list[SourceRow]:
    with database.writing() as session:
        applying.apply(session, parse(FILE), AT)
    return rows(database)


def rows(database: Database) -> list[SourceRow]:
    with database.reading() as session:
        return sorted(sources.listed(session), key=lambda row: row.url)


def status(number: int, at: datetime) -> RawPost:
    return RawPost(
        external_id=f"https://home.example/{number}",
        kind=Kind.STATUS,
        url=f"https://home.example/{number}",
        content="<p>#sample</p>",
        published_at=at,
        author=RawAuthor("Ada (Muster)"),
    )


def take_in(database: Database, source: SourceRow, posts: Sequence[RawPost], at: datetime) -> None:
    rule = Rule(("sample",), Match.HASHTAG, "de")
    spec = SourceSpec(source.id, "mastodon", source.url, rule)
    answer = Answer(source.course_id, source.id, [normalise(raw, spec, at) for raw in posts])
    with database.writing() as session:
        intake.take_in(session, answer, at)
        coverage.observe(session, source, answer, at)


def fetched(database: Database, source: SourceRow, at: datetime, outcome: str) -> None:
    values = {"last_success_at": at} if outcome != "failed" else {}
    record = FetchRecord(source.course_id, source.id, at, outcome, 200, 5, 10, values)
    with database.writing() as session:
        schedule.record(session, [record])


def test_delays_are_counted_from_the_second_answer_on(
    database: Database, known: list[SourceRow]
) -> None:
    one = known[0]
    old = AT - timedelta(days=30)
    take_in(database, one, [status(1, AT)], AT + timedelta(seconds=50))
    fetched(database, one, AT + timedelta(seconds=50), "fetched")
    assert sum(rows(database)[0].delays) == 0  # the first answer is what was there before
    one = rows(database)[0]
    at = AT + timedelta(minutes=10)
    take_in(
        database, one, [status(1, AT), status(2, at - timedelta(seconds=4)), status(3, old)], at
    )
    (found, other) = _covered(database)
    assert found.posts_timed == 1
    assert found.delay_p95 == pytest.approx(4.85)
    assert (other.posts_timed, other.delay_p50) == (0, None)


def _covered(database: Database) -> list[coverage.SourceCoverage]:
    with database.reading() as session:
        found = coverage.of_sources(session, "sample")
    return sorted(found, key=lambda one: one.source.url)


def test_instances_beside_each_other(database: Database, known: list[SourceRow]) -> None:
    one, two = known
    take_in(database, one, [status(1, AT), status(2, AT)], AT)
    take_in(database, two, [status(2, AT), status(3, AT)], AT + timedelta(seconds=9))
    with database.reading() as session:
        found = {row.source_id: row for row in coverage.of_instances(session, one.course_id)}
    assert (found[one.id].first, found[one.id].late, found[one.id].never) == (2, 0, 1)
    assert (found[two.id].first, found[two.id].late, found[two.id].never) == (1, 1, 1)


def test_gaps_last_from_a_failure_to_the_next_success(
    database: Database, known: list[SourceRow]
) -> None:
    one = known[0]
    hours = [timedelta(hours=hour) for hour in range(8)]
    outcomes = ["fetched", "failed", "failed", "unchanged", "failed", "unchanged", "failed"]
    for hour, outcome in zip(hours, outcomes, strict=False):
        fetched(database, one, AT + hour, outcome)
    found, _ = _covered(database)
    assert found.gaps == (
        (AT + hours[1], AT + hours[3]),
        (AT + hours[4], AT + hours[5]),
        (AT + hours[6], None),
    )
