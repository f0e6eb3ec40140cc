"""What collecting covers: how soon posts arrive, which instance shows what, where gaps are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, distinct, func, select, update
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.domain.delays import added, quantile
from models.domain.post import Post
from models.store.chunks import chunks
from models.store.intake import Answer
from models.store.sources import SourceRow, listed
from models.tables.posts import SightingTable
from models.tables.sources import FetchTable, SourceTable

GAP = timedelta(hours=1)
"""A stretch without success at least this long is missing from what is shown."""
INSTANCES = "mastodon"
"""The kind whose sources each see a part of one timeline."""


def observe(session: Session, source: SourceRow, answer: Answer, at: datetime) -> None:
    """Counts how long the posts of an answer that was just taken in at `at` took to arrive.

    Only those published since the source is known: what was there before arrived late by nature.
    """
    if source.last_success_at is None:
        return
    keys = [entry.entry_key for entry in answer.entries if isinstance(entry, Post) and entry.dated]
    delays = [
        (at - stated_at).total_seconds()
        for part in chunks(keys)
        for stated_at in session.scalars(
            select(SightingTable.stated_at).where(
                SightingTable.course_id == answer.course_id,
                SightingTable.source_id == answer.source_id,
                SightingTable.entry_key.in_(part),
                SightingTable.first_seen_at == at,
                SightingTable.state == SightingState.LIVE.value,
                SightingTable.stated_at >= source.created_at,
            )
        )
        if stated_at is not None
    ]
    if not delays:
        return
    here = (SourceTable.course_id == answer.course_id, SourceTable.id == answer.source_id)
    counts = session.scalar(select(SourceTable.delays).where(*here)) or []
    session.execute(
        update(SourceTable)
        .where(*here)
        .values(delays=added(counts, delays))
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How far one source can be relied on."""

    source: SourceRow
    posts_timed: int
    """Posts that the two delays are read from."""
    delay_p50: float | None
    """Seconds from published to stored, for the half of the posts."""
    delay_p95: float | None
    gaps: tuple[tuple[datetime, datetime | None], ...]
    """(from, to) without success, over the history that is kept; open where it still lasts."""


@dataclass(frozen=True, slots=True)
class InstanceCoverage:
    """What one instance shows of the posts that all of them show together."""

    source_id: str
    first: int
    """Posts it brought before, or at the same time as, every other."""
    late: int
    never: int


def of_sources(session: Session, course: str) -> Sequence[SourceCoverage]:
    """Coverage by source, in the order they were added."""
    rows = listed(session, course=course)
    gaps = _gaps(session, rows)
    return [
        SourceCoverage(
            source=row,
            posts_timed=sum(row.delays),
            delay_p50=quantile(row.delays, 0.5),
            delay_p95=quantile(row.delays, 0.95),
            gaps=tuple(gaps.get(row.id, ())),
        )
        for row in rows
    ]


def _gaps(
    session: Session, rows: Sequence[SourceRow]
) -> Mapping[str, list[tuple[datetime, datetime | None]]]:
    """Stretches from a failure to the next success, by source."""
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for row in rows:
        fetches = session.execute(
            select(FetchTable.at, FetchTable.outcome)
            .where(FetchTable.course_id == row.course_id, FetchTable.source_id == row.id)
            .order_by(FetchTable.at)
        ).all()
        found[row.id] = _between_successes([(fetch.at, fetch.outcome) for fetch in fetches])
    return found


def _between_successes(
    fetches: Sequence[tuple[datetime, str]],
) -> list[tuple[datetime, datetime | None]]:
    gaps: list[tuple[datetime, datetime | None]] = []
    begun: datetime | None = None
    for at, outcome in fetches:
        if outcome == "failed":
            begun = begun or at
        elif begun is not None:
            if at - begun >= GAP:
                gaps.append((begun, at))
            begun = None
    if begun is not None:
        gaps.append((begun, None))
    return gaps


def of_instances(session: Session, course_id: int) -> Sequence[InstanceCoverage]:
    """First, late and never, for each instance of the course. Empty where there is only one."""
    ids = list(
        session.scalars(
            select(SourceTable.id)
            .where(SourceTable.course_id == course_id, SourceTable.kind == INSTANCES)
            .order_by(SourceTable.created_at, SourceTable.id)
        )
    )
    if len(ids) < 2:
        return []
    posts, shown = _shown_by(session, course_id, ids)
    return [
        InstanceCoverage(one, first, late, posts - first - late)
        for one in ids
        for first, late in [shown.get(one, (0, 0))]
    ]


def _shown_by(
    session: Session, course_id: int, source_ids: Sequence[str]
) -> tuple[int, Mapping[str, tuple[int, int]]]:
    """How many posts they have together, and of each how many it had first, and later."""
    seen = (
        select(
            SightingTable.post_id,
            SightingTable.source_id,
            func.min(SightingTable.first_seen_at).label("at"),
        )
        .where(
            SightingTable.course_id == course_id,
            SightingTable.source_id.in_(source_ids),
            SightingTable.post_id.is_not(None),
        )
        .group_by(SightingTable.post_id, SightingTable.source_id)
        .subquery()
    )
    compared = select(
        seen.c.post_id,
        seen.c.source_id,
        case(
            (seen.c.at == func.min(seen.c.at).over(partition_by=seen.c.post_id), 1), else_=0
        ).label("first"),
    ).subquery()
    rows = session.execute(
        select(
            compared.c.source_id, func.sum(compared.c.first).label("first"), func.count()
        ).group_by(compared.c.source_id)
    )
    shown = {source_id: (int(first), count - int(first)) for source_id, first, count in rows}
    return session.scalar(select(func.count(distinct(seen.c.post_id)))) or 0, shown
