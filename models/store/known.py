"""What is known of the entries that answers list, read for all answers at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from models.domain.decide import Known, SightingState
from models.store.among import among, pairs
from models.store.touched import SightingId
from models.tables.posts import SightingTable

_COLUMNS = [
    SightingTable.source_id,
    SightingTable.entry_key,
    SightingTable.state,
    SightingTable.digest,
    SightingTable.post_id,
    SightingTable.stated_at,
    SightingTable.first_seen_at,
    SightingTable.reason,
    SightingTable.boosts,
    SightingTable.replies,
    SightingTable.check_at,
    SightingTable.checks,
    SightingTable.answers_at,
    SightingTable.own_id,
    func.coalesce(func.length(SightingTable.content_html), 0).label("length"),
]


def known_of_entries(
    session: Session, course_id: int, ids: Sequence[SightingId]
) -> dict[SightingId, Known]:
    """The sightings of these entries, as far as there are any."""
    wanted, source_id, entry_key = pairs(session, ids)
    # An outer join is made in the order in which it is written: one search for each pair.
    query = (
        select(*_COLUMNS)
        .select_from(wanted)
        .outerjoin(
            SightingTable,
            and_(
                SightingTable.course_id == course_id,
                SightingTable.source_id == source_id,
                SightingTable.entry_key == entry_key,
            ),
        )
    )
    return _read(session, query)


def known_of_sources(
    session: Session, course_id: int, source_ids: Sequence[str]
) -> dict[SightingId, Known]:
    """All sightings of these sources."""
    return _read(
        session,
        select(*_COLUMNS).where(
            SightingTable.course_id == course_id,
            among(session, SightingTable.source_id, source_ids),
        ),
    )


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> dict[SightingId, Known]:
    return {
        (row.source_id, row.entry_key): _known(row)
        for row in session.execute(query)
        if row.source_id is not None
    }


def _known(row: Row[Any]) -> Known:
    return Known(
        SightingState(row.state),
        row.digest,
        row.post_id,
        row.stated_at,
        row.first_seen_at,
        row.reason,
        row.boosts,
        row.replies,
        row.check_at,
        row.checks,
        row.answers_at,
        row.own_id,
        row.length,
    )
