"""Courses as they are read: settings, weeks, counts, who may be named."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from models.domain.course import (
    Consent,
    Course,
    CuratedLink,
    Event,
    Moderation,
    Show,
    Week,
)
from models.domain.errors import NotFound
from models.domain.source import MENTION, SourceState
from models.store.rows import CourseRow, PublicPerson, PublicSource
from models.tables.base import UtcDateTime
from models.tables.courses import CourseTable, CuratedLinkTable, EventTable, WeekTable
from models.tables.people import ParticipantTable
from models.tables.posts import PostTable
from models.tables.sources import SourceTable


def course(session: Session, slug: str) -> CourseRow:
    """A course with its weeks and counts. Raises `NotFound`."""
    row = session.scalars(select(CourseTable).where(CourseTable.slug == slug)).first()
    if row is None:
        raise _unknown(slug)
    return _with_counts(session, row)


def courses(session: Session) -> tuple[CourseRow, ...]:
    """All courses, by slug."""
    rows = session.scalars(select(CourseTable).order_by(CourseTable.slug)).all()
    return tuple(_with_counts(session, row) for row in rows)


def settings(session: Session) -> Mapping[int, Course]:
    """Id -> settings of every course, without counts: what collecting needs."""
    return {row.id: _course(session, row) for row in session.scalars(select(CourseTable))}


@dataclass(frozen=True, slots=True)
class Version:
    """What an answer about a course depends on: equal versions give equal answers."""

    revision: int
    settings_at: datetime
    timezone: str


def versions(session: Session) -> Mapping[str, Version]:
    """Slug -> version of every course, in one small query."""
    rows = session.execute(
        select(CourseTable.slug, CourseTable.revision, CourseTable.updated_at, CourseTable.timezone)
    )
    return {row.slug: Version(row.revision, row.updated_at, row.timezone) for row in rows}


def _with_counts(session: Session, row: CourseTable) -> CourseRow:
    sources = session.scalar(
        select(func.count()).where(SourceTable.course_id == row.id, *_registered())
    )
    return CourseRow(
        id=row.id,
        course=_course(session, row),
        revision=row.revision,
        posts=row.posts_listed,
        sources=sources or 0,
        people=_people(session, row.id),
        updated_at=row.updated_at.astimezone(UTC),
    )


def _registered() -> tuple[ColumnElement[bool], ...]:
    """Sources that somebody registered and nobody removed: none that another leads to, and no page
    that a stranger named.
    """
    return (
        SourceTable.state != SourceState.REMOVED.value,
        SourceTable.parent_id.is_(None),
        SourceTable.kind != MENTION,
    )


def _people(session: Session, course_id: int) -> int:
    """How many different people have a visible post: one step in the index for each of them."""
    return session.scalar(_count_people(), {"course_id": course_id}) or 0


@cache
def _count_people() -> Select[tuple[int]]:
    visible = select(func.min(PostTable.person_key)).where(
        PostTable.course_id == bindparam("course_id"), PostTable.visible
    )
    leap = visible.subquery().select().cte("leap", recursive=True)
    key = leap.c[0]
    following = visible.where(PostTable.person_key > key).correlate(leap).scalar_subquery()
    leap = leap.union_all(select(following).where(key.is_not(None)))
    return select(func.count(leap.c[0]))


def plain_course(session: Session, slug: str) -> CourseRow:
    """A course with its weeks, its counts left at 0: for lists, where nobody reads them."""
    row = session.scalars(select(CourseTable).where(CourseTable.slug == slug)).first()
    if row is None:
        raise _unknown(slug)
    return CourseRow(row.id, _course(session, row), row.revision, 0, 0, 0, row.updated_at)


def _course(session: Session, row: CourseTable) -> Course:
    return Course(
        slug=row.slug,
        title=row.title,
        hashtags=tuple(row.hashtags),
        language=row.language,
        timezone=row.timezone,
        homepage=row.homepage,
        consent=Consent(row.consent),
        show=Show(row.show),
        index=row.index,
        imprint=row.imprint,
        privacy=row.privacy,
        moderation=Moderation(row.moderation),
        weeks=_weeks(session, row.id),
    )


def _weeks(session: Session, course_id: int) -> tuple[Week, ...]:
    events: dict[int, list[Event]] = {}
    for event in session.scalars(
        select(EventTable).where(EventTable.course_id == course_id).order_by(EventTable.position)
    ):
        events.setdefault(event.week, []).append(Event(event.title, event.starts_at, event.url))
    links: dict[int, list[CuratedLink]] = {}
    for link in session.scalars(
        select(CuratedLinkTable)
        .where(CuratedLinkTable.course_id == course_id)
        .order_by(CuratedLinkTable.position)
    ):
        links.setdefault(link.week, []).append(CuratedLink(link.title, link.url))
    weeks = session.scalars(
        select(WeekTable).where(WeekTable.course_id == course_id).order_by(WeekTable.starts_on)
    )
    return tuple(
        Week(
            number=week.number,
            title=week.title,
            starts_on=week.starts_on,
            ends_on=week.ends_on,
            question=week.question,
            events=tuple(events.get(week.number, ())),
            links=tuple(links.get(week.number, ())),
        )
        for week in weeks
    )


def public_sources(session: Session, course: CourseRow) -> tuple[PublicSource, ...]:
    """Sources the public may see: registered, and of no participant who did not consent."""
    rows = session.execute(
        select(
            SourceTable.id,
            SourceTable.kind,
            SourceTable.title,
            SourceTable.url,
            SourceTable.homepage,
            SourceTable.cursor,
            ParticipantTable.name,
        )
        .outerjoin(
            ParticipantTable,
            (ParticipantTable.course_id == SourceTable.course_id)
            & (ParticipantTable.id == SourceTable.participant_id),
        )
        .where(
            SourceTable.course_id == course.id,
            *_registered(),
            SourceTable.participant_id.is_(None) | ParticipantTable.consented_at.is_not(None),
        )
        .order_by(SourceTable.created_at, SourceTable.id)
    )
    return tuple(
        PublicSource(
            id=row.id,
            kind=row.kind,
            title=row.title or row.url,
            url=row.homepage or row.url,
            feed_url=row.url if row.kind == "feed" else row.cursor.get("feed"),
            participant=row.name,
        )
        for row in rows
    )


def participants(session: Session, course: CourseRow) -> Sequence[PublicPerson]:
    """People who agreed to be listed, by name, with how much of theirs is shown."""
    last = select(func.max(PostTable.published_at, type_=UtcDateTime)).where(
        PostTable.course_id == ParticipantTable.course_id,
        PostTable.participant_id == ParticipantTable.id,
        PostTable.listed.is_(True),
    )
    rows = session.execute(
        select(
            ParticipantTable.id,
            ParticipantTable.name,
            ParticipantTable.role,
            ParticipantTable.posts,
            last.scalar_subquery().label("last_post_at"),
        )
        .where(ParticipantTable.course_id == course.id, ParticipantTable.consented_at.is_not(None))
        .order_by(func.lower(ParticipantTable.name), ParticipantTable.id)
    )
    return [PublicPerson(row.id, row.name, row.role, row.posts, row.last_post_at) for row in rows]


def listed_names(session: Session, course: CourseRow, ids: Collection[str]) -> Mapping[str, str]:
    """Id -> name of those among these participants who agreed to be listed."""
    if not ids:
        return {}
    rows = session.execute(
        select(ParticipantTable.id, ParticipantTable.name).where(
            ParticipantTable.course_id == course.id,
            ParticipantTable.id.in_(sorted(ids)),
            ParticipantTable.consented_at.is_not(None),
        )
    )
    return {row.id: row.name for row in rows}


def _unknown(slug: str) -> NotFound:
    return NotFound(f"there is no course {slug!r}: `moocfeed course list` shows all")
