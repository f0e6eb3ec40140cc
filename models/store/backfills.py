"""Where the walks to older entries stand, kept with every page."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.backfill import Walk
from models.domain.identity import digest
from models.domain.source import BACKFILLED, Rule
from models.store import sources
from models.store.sources import STREAMLESS, SourceRow
from models.tables.backfills import BackfillTable


def get(session: Session, source: SourceRow, rule: Rule) -> Walk | None:
    """The source's walk; None where none was begun under this rule."""
    row = session.scalars(
        select(BackfillTable).where(
            BackfillTable.course_id == source.course_id,
            BackfillTable.source_id == source.id,
            BackfillTable.rule_digest == _wanted(rule),
        )
    ).first()
    if row is None:
        return None
    return Walk(
        since=row.since,
        at=row.place,
        left=row.left_out,
        seen=tuple(row.seen),
        done=row.done,
        pages=row.pages,
        new=row.new,
        oldest=row.oldest,
    )


def put(session: Session, source: SourceRow, rule: Rule, walk: Walk, now: datetime) -> None:
    """Keeps a walk in place of the source's former one."""
    session.merge(
        BackfillTable(
            course_id=source.course_id,
            source_id=source.id,
            rule_digest=_wanted(rule),
            since=walk.since,
            place=dict(walk.at),
            left_out=None if walk.left is None else dict(walk.left),
            seen=list(walk.seen),
            done=walk.done,
            pages=walk.pages,
            new=walk.new,
            oldest=walk.oldest,
            updated_at=now,
        )
    )
    session.flush()


def reach(session: Session, source: SourceRow, rule: Rule, since: datetime) -> None:
    """Posts of before the course are wanted from now on, back to `since`.

    Whoever reads the source must know, or takes them back as too old: a stream is opened anew.
    """
    earliest, wanted = rule.earliest, since.timestamp()
    if earliest is None or wanted >= earliest:
        return
    options = {**source.options, BACKFILLED: wanted}
    sources.change(session, source, {"options": options, **STREAMLESS})


def _wanted(rule: Rule) -> str:
    """Of what decides which entries belong to the course, whatever becomes of them then."""
    return digest(
        *rule.hashtags,
        rule.match,
        str(rule.registered_only),
        str(rule.participant_registered),
    )
