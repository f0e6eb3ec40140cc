"""Applying a course file: the course, its weeks and its sources become what the file says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.domain.course import Course
from models.domain.coursefile import CourseFile, SourceEntry
from models.domain.links import host_key
from models.domain.source import SourceState
from models.store import courses, people, sources
from models.store.leases import lock_hosts, reschedule
from models.store.reassigning import hand_over
from models.store.reprojecting import reproject
from models.store.sources import FORGET, SourceRow, forgotten
from models.tables.courses import CourseTable, CuratedLinkTable, EventTable, WeekTable
from models.tables.sources import SourceTable

NO_LONGER_NAMED = "no longer in the course file"
"""Why a source is paused that the file named once; it resumes when the file names it again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a file changed."""

    slug: str
    created: bool
    changed: bool
    """Whether settings or weeks differ from before."""
    sources_added: int
    sources_changed: int
    sources_paused: int
    sources: int
    """How many the file names."""


def apply(session: Session, file: CourseFile, now: datetime) -> Applied:
    """Creates or updates the course. Applied twice, the second time changes nothing."""
    _lock(session, file)
    before = _known(session, file.course.slug)
    course_id = _write_course(session, file.course, before, now)
    former = before[1] if before else None
    if former is not None and former.hashtags != file.course.hashtags:
        _read_anew(session, course_id, now)
    if former is not None and _placing(former) != _placing(file.course):
        _place_anew(session, course_id, former, file.course, now)
    added, changed = _write_sources(session, course_id, file, now)
    return Applied(
        slug=file.course.slug,
        created=before is None,
        changed=former != file.course,
        sources_added=added,
        sources_changed=changed,
        sources_paused=_pause_unnamed(session, course_id, file, now),
        sources=len(file.sources),
    )


def _placing(course: Course) -> tuple[Any, ...]:
    """The settings that decide which posts are shown, how much of them, and under which week."""
    spans = tuple((week.number, week.starts_on, week.ends_on) for week in course.weeks)
    return course.consent, course.show, course.timezone, spans


def _place_anew(
    session: Session, course_id: int, former: Course, course: Course, now: datetime
) -> None:
    def week_of(settings: Course, moment: datetime) -> int | None:
        week = settings.week_at(moment)
        return week.number if week else None

    def differs(moment: datetime) -> bool:
        moved = week_of(former, moment) != week_of(course, moment)
        return moved or former.show is not course.show

    reproject(session, course_id, now, shown_otherwise=differs)


def course_file(session: Session, slug: str) -> CourseFile:
    """The file that describes a course as it is now. Raises `NotFound`."""
    row = courses.course(session, slug)
    names = sources.participant_names(session, row.id)
    entries = tuple(
        SourceEntry(
            kind=source.kind,
            url=source.url,
            match=source.match,
            participant=names.get(source.participant_id or ""),
            title=source.options.get("title"),
        )
        for source in sources.listed(session, course=slug)
        if source.state_reason != NO_LONGER_NAMED and source.is_registered
    )
    return CourseFile(row.course, entries)


def _lock(session: Session, file: CourseFile) -> None:
    """The hosts before the course, as collectors do: neither waits for the other in a circle."""
    known = sources.listed(session, course=file.course.slug, removed=True)
    hosts = {source.host for source in known} | {host_key(entry.url) for entry in file.sources}
    lock_hosts(session, hosts)


def _known(session: Session, slug: str) -> tuple[int, Course] | None:
    course_id = session.scalar(select(CourseTable.id).where(CourseTable.slug == slug))
    return (course_id, courses.settings(session)[course_id]) if course_id is not None else None


def _write_course(
    session: Session, course: Course, before: tuple[int, Course] | None, now: datetime
) -> int:
    values: dict[str, Any] = {
        "title": course.title,
        "hashtags": list(course.hashtags),
        "language": course.language,
        "timezone": course.timezone,
        "homepage": course.homepage,
        "imprint": course.imprint,
        "privacy": course.privacy,
        "consent": course.consent.value,
        "show": course.show.value,
        "moderation": course.moderation.value,
        "index": course.index,
        "updated_at": now,
    }
    if before is None:
        row = CourseTable(slug=course.slug, created_at=now, revision=0, posts_numbered=0, **values)
        session.add(row)
        session.flush()
        course_id = row.id
    elif before[1] == course:
        return before[0]
    else:
        course_id = before[0]
        session.execute(
            update(CourseTable)
            .where(CourseTable.id == course_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    session.execute(delete(WeekTable).where(WeekTable.course_id == course_id))
    _write_weeks(session, course_id, course)
    return course_id


def _write_weeks(session: Session, course_id: int, course: Course) -> None:
    weeks = [
        {
            "course_id": course_id,
            "number": week.number,
            "title": week.title,
            "question": week.question,
            "starts_on": week.starts_on,
            "ends_on": week.ends_on,
        }
        for week in course.weeks
    ]
    events = [
        {"course_id": course_id, "week": week.number, "position": position}
        | {"title": event.title, "starts_at": event.starts_at, "url": event.url}
        for week in course.weeks
        for position, event in enumerate(week.events)
    ]
    links = [
        {"course_id": course_id, "week": week.number, "position": position}
        | {"title": link.title, "url": link.url}
        for week in course.weeks
        for position, link in enumerate(week.links)
    ]
    for table, rows in ((WeekTable, weeks), (EventTable, events), (CuratedLinkTable, links)):
        if rows:
            session.execute(insert(table), rows)


def _read_anew(session: Session, course_id: int, now: datetime) -> None:
    """Other hashtags match other entries: every source is read from its beginning."""
    active = (SourceTable.course_id == course_id, SourceTable.state == SourceState.ACTIVE.value)
    rows = session.execute(
        select(SourceTable.id, SourceTable.cursor, SourceTable.host).where(*active)
    ).all()
    session.execute(
        update(SourceTable)
        .where(*active)
        .values(due_at=now, **FORGET)
        .execution_options(synchronize_session=False)
    )
    for row in rows:
        if kept := forgotten(row.cursor)["cursor"]:
            session.execute(
                update(SourceTable)
                .where(SourceTable.course_id == course_id, SourceTable.id == row.id)
                .values(cursor=kept)
                .execution_options(synchronize_session=False)
            )
    reschedule(session, sorted({row.host for row in rows}))


def _write_sources(
    session: Session, course_id: int, file: CourseFile, now: datetime
) -> tuple[int, int]:
    """How many were added, and how many changed."""
    added = changed = 0
    for entry in file.sources:
        participant = (
            people.ensure(session, course_id, entry.participant, now) if entry.participant else None
        )
        known = sources.find_registered(session, course_id, entry.kind, entry.url)
        if known is None or known.state is SourceState.REMOVED:
            sources.add(
                session,
                course_id,
                kind=entry.kind,
                url=entry.url,
                now=now,
                match=entry.match,
                title=entry.title,
                participant_id=participant,
                options=_options(entry),
                from_file=True,
            )
            added += 1
            continue
        changed += _update_source(session, known, entry, participant, now)
    return added, changed


def _options(entry: SourceEntry) -> dict[str, Any]:
    # A title given by hand outlasts whatever the feed calls itself.
    return {"title": entry.title} if entry.title else {}


def _update_source(
    session: Session,
    known: SourceRow,
    entry: SourceEntry,
    participant: str | None,
    now: datetime,
) -> bool:
    values: dict[str, Any] = {
        "match": entry.match.value,
        "participant_id": participant,
        "from_file": True,
        "options": {**_without_title(known.options), **_options(entry)},
    }
    before = {
        "match": known.match.value,
        "participant_id": known.participant_id,
        "from_file": known.from_file,
        "options": dict(known.options),
    }
    resumes = known.state is SourceState.PAUSED and known.state_reason == NO_LONGER_NAMED
    if values == before and not resumes:
        return False
    if entry.title:
        values["title"] = entry.title
    if (values["match"], participant) != (before["match"], before["participant_id"]):
        due_at = now if known.state is SourceState.ACTIVE else None
        values |= {**forgotten(known.cursor), "due_at": due_at}
    sources.change(session, known, values)
    if participant != known.participant_id:
        hand_over(session, known, participant, now)
    sources.touch_course(session, known.course_id, now)
    reschedule(session, [known.host])
    if resumes:
        sources.set_state(session, known, SourceState.ACTIVE, reason=None, now=now)
    return True


def _without_title(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key != "title"}


def _pause_unnamed(session: Session, course_id: int, file: CourseFile, now: datetime) -> int:
    named = {
        known.id
        for entry in file.sources
        if (known := sources.find_registered(session, course_id, entry.kind, entry.url)) is not None
    }
    unnamed = [
        source
        for source in sources.listed(session, course=file.course.slug)
        if source.from_file and source.id not in named and source.state is SourceState.ACTIVE
    ]
    for source in unnamed:
        sources.set_state(session, source, SourceState.PAUSED, reason=NO_LONGER_NAMED, now=now)
    return len(unnamed)
