"""A course with two instances as sources, and statuses to take in, for tests of the store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from models.domain.coursefile import parse
from models.domain.normalise import normalise
from models.domain.post import Entry, Kind, RawAuthor, RawPost
from models.domain.source import Match, Rule, SourceSpec
from models.store import applying, intake, sources
from models.store.engine import Database
from models.store.intake import Answer
from models.store.sources import SourceRow
from models.store.touched import Counts
from models.tables.posts import SightingTable

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


def instances(database: Database) -> tuple[SourceRow, SourceRow]:
    """The sources, `one.example` first."""
    with database.writing() as session:
        applying.apply(session, parse(FILE), AT)
    return known(database)


def known(database: Database) -> tuple[SourceRow, SourceRow]:
    """The sources as they are now."""
    with database.reading() as session:
        one, two = sorted(sources.listed(session), key=lambda row: row.url)
    return one, two


def status(number: int, **fields: Any) -> RawPost:
    """Of a sample account on `one.example`."""
    raw = RawPost(
        external_id=f"https://one.example/{number}",
        kind=Kind.STATUS,
        url=f"https://one.example/{number}",
        content=f"<p>Sample {number} #sample</p>",
        published_at=AT,
        author=RawAuthor("Ada (Muster)", "https://one.example/@ada"),
        local_key=f"local:one.example:{number}",
        remote_id=str(number),
    )
    return replace(raw, **fields)


def entry(source: SourceRow, raw: RawPost, at: datetime = AT) -> Entry:
    """As it would be read from that source."""
    rule = Rule(("sample",), Match.HASHTAG, "de")
    return normalise(raw, SourceSpec(source.id, "mastodon", source.url, rule), at)


def take_in(
    database: Database,
    source: SourceRow,
    *posts: RawPost,
    at: datetime = AT,
    polled: bool = True,
    **more: Any,
) -> Counts:
    """What an answer, or a stream, brings to the course."""
    answer = Answer(
        source.course_id,
        source.id,
        [entry(source, raw, at) for raw in posts],
        **{"begun_at": at if polled else None, **more},
    )
    with database.writing() as session:
        return intake.take_in(session, answer, at)


def sightings(database: Database, source: SourceRow) -> Sequence[SightingTable]:
    """The source's rows, by external id."""
    with database.reading() as session:
        rows = session.query(SightingTable).filter_by(source_id=source.id).all()
        session.expunge_all()
    return sorted(rows, key=lambda row: row.external_id)
