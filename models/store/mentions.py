"""Webmentions: pages of others that say they respond to a post, as sources to be looked at."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.domain.errors import Conflict
from models.domain.links import host_key
from models.domain.source import HELD, MENTION, Match, SourceState
from models.store import schedule, sources
from models.tables.sources import SourceTable

KIND = MENTION
MOST_OF_A_HOST = 20
"""Pages of one host that may wait to be looked at."""
MOST_OF_A_COURSE = 200
UNVERIFIED = timedelta(days=1)
"""How long a page that does not link to its target is remembered."""


def received(
    session: Session, course_id: int, *, page: str, target: str, post: str | None, now: datetime
) -> None:
    """A page says that it responds to a post, or to the course; it is looked at soon, or anew.

    It waits for a facilitator, unless it stands on a host that the course collects from anyway.
    Raises `Conflict` where too many wait already, or its owner opted out.
    """
    known = sources.find(session, course_id, KIND, page)
    if known is not None and known.state is not SourceState.REMOVED:
        schedule.make_due(session, now, source=known.id)
        return
    _check_room(session, course_id, page)
    options = {"target": target, "post": post, HELD: not _is_at_home(session, course_id, page)}
    match = Match.ALL if post else Match.HASHTAG
    sources.add(session, course_id, kind=KIND, url=page, now=now, match=match, options=options)


def _check_room(session: Session, course_id: int, page: str) -> None:
    waiting = (
        SourceTable.course_id == course_id,
        SourceTable.kind == KIND,
        SourceTable.last_success_at.is_(None),
    )
    of_course = session.scalar(select(func.count()).where(*waiting)) or 0
    of_host = (
        session.scalar(select(func.count()).where(*waiting, SourceTable.host == host_key(page)))
        or 0
    )
    if of_course >= MOST_OF_A_COURSE or of_host >= MOST_OF_A_HOST:
        raise Conflict("too many Webmentions wait to be looked at: send it again later")


def _is_at_home(session: Session, course_id: int, page: str) -> bool:
    query = (
        select(SourceTable.id)
        .where(
            SourceTable.course_id == course_id,
            SourceTable.host == host_key(page),
            SourceTable.kind != KIND,
            SourceTable.state == SourceState.ACTIVE.value,
        )
        .limit(1)
    )
    return session.scalar(query) is not None


def prune(session: Session, now: datetime) -> None:
    """Forgets pages that never did link to their target."""
    session.execute(
        delete(SourceTable)
        .where(
            SourceTable.kind == KIND,
            SourceTable.last_success_at.is_(None),
            SourceTable.created_at < now - UNVERIFIED,
        )
        .execution_options(synchronize_session=False)
    )
