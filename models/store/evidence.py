"""What is kept of an address in a course: the facts that an explanation is made from."""

import re
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.domain.explain import EntryFacts, Facts, FetchFacts, PostFacts, SourceFacts
from models.domain.identity import entry_key, key_of_uid, key_of_url
from models.domain.links import canonical, host_key, is_web_url, path
from models.store import barred, schedule, sources
from models.store.rows import CourseRow
from models.store.sources import SourceRow
from models.tables.erasures import ErasureTable
from models.tables.posts import IdentityTable, PostTable, SightingTable

MOST = 8
"""Sources, and entries, that an explanation names."""
_ACCOUNT = re.compile(r"/(@[^/]+|users/[^/]+)")


def facts(session: Session, course: CourseRow, url: str) -> Facts:
    """`url`: a post's, a blog's or an account's address, or a handle (`@user@host`)."""
    post = _post(session, course.id, url)
    candidates = _sources(session, course, url)
    entries = _entries(session, course.id, url, post, candidates)
    own = [row for row in candidates if _is_address_of(row, url)]
    return Facts(
        url=url,
        course=course.course,
        sources=tuple(_source_facts(session, row) for row in (own or candidates)[:MOST]),
        entries=entries,
        post=post,
        barred=_is_barred(session, course.id, url),
        is_source=bool(own) and post is None,
        posts_by=_posts_by(session, course.id, url) if _is_account(url) else None,
    )


def _post(session: Session, course_id: int, url: str) -> PostFacts | None:
    row = session.scalars(
        select(PostTable)
        .join(
            IdentityTable,
            (IdentityTable.course_id == PostTable.course_id)
            & (IdentityTable.post_id == PostTable.id),
        )
        .where(
            IdentityTable.course_id == course_id,
            IdentityTable.key.in_([key_of_url(url), key_of_uid(url)]),
        )
        .limit(1)
    ).first()
    return None if row is None else _post_facts(session, row)


def _post_facts(session: Session, row: PostTable) -> PostFacts:
    announces = (
        session.scalar(
            select(PostTable.url).where(
                PostTable.course_id == row.course_id,
                PostTable.id == row.announces_id,
                PostTable.visible.is_(True),  # beneath any other it does not stand
            )
        )
        if row.announces_id
        else None
    )
    return PostFacts(
        id=row.id,
        url=row.url,
        visible=row.visible,
        held=row.held,
        hidden=row.hidden,
        withdrawn=row.withdrawn_at is not None,
        erased=row.erased_at is not None,
        merged_into=row.merged_into,
        announces=announces,
        registered=row.participant_id is not None,
    )


def _sources(session: Session, course: CourseRow, url: str) -> list[SourceRow]:
    """Those at this address first, then those on its host, then timelines, which see any host."""
    known = sources.listed(session, course=course.course.slug, removed=True)
    host = _host(url)
    exact = [row for row in known if _is_address_of(row, url)]
    nearby = [row for row in known if host is not None and host in _hosts(row) and row not in exact]
    rest = [row for row in known if row.kind == "mastodon" and row not in nearby]
    return exact or nearby or (rest if _looks_like_a_status(url) else [])


def _is_address_of(row: SourceRow, url: str) -> bool:
    wanted = canonical(url)
    named = (row.url, row.homepage, row.cursor.get("feed"))
    return any(address and canonical(address) == wanted for address in named)


def _host(url: str) -> str | None:
    if url.startswith("@") and url.count("@") == 2:
        return url.rpartition("@")[2].lower()
    return host_key(url).removeprefix("www.") if is_web_url(url) else None


def _hosts(row: SourceRow) -> set[str]:
    named = (row.url, row.homepage, row.cursor.get("feed"))
    return {host_key(address).removeprefix("www.") for address in named if address}


def _looks_like_a_status(url: str) -> bool:
    return url.startswith("@") or "/@" in path(url) or "/statuses/" in url


def _entries(
    session: Session,
    course_id: int,
    url: str,
    post: PostFacts | None,
    candidates: Sequence[SourceRow],
) -> tuple[EntryFacts, ...]:
    """The sightings of the post; else entries of these sources at this address."""
    chosen = or_(
        SightingTable.entry_key == entry_key(url),
        SightingTable.external_id == url,
        SightingTable.state == SightingState.UNMATCHED.value,
    )
    query = select(SightingTable).where(SightingTable.course_id == course_id)
    if post is not None:
        query = query.where(SightingTable.post_id == post.id)
    else:
        query = query.where(SightingTable.source_id.in_([row.id for row in candidates]), chosen)
    wanted = canonical(url)
    rows = [
        row
        for row in session.scalars(query.order_by(SightingTable.first_seen_at))
        if post is not None or url == row.external_id or canonical(row.url or "") == wanted
    ]
    return tuple(_entry_facts(row) for row in rows[:MOST])


def _entry_facts(row: SightingTable) -> EntryFacts:
    return EntryFacts(
        source_id=row.source_id,
        state=row.state,
        reason=row.reason,
        title=row.title,
        hashtags=tuple(row.hashtags),
        first_seen_at=row.first_seen_at,
        seen_at=row.seen_at,
    )


def _source_facts(session: Session, row: SourceRow) -> SourceFacts:
    last = next(iter(schedule.history(session, row, limit=1)), None)
    counts = session.execute(
        select(
            func.count(),
            func.count().filter(SightingTable.state == SightingState.LIVE.value),
        ).where(SightingTable.course_id == row.course_id, SightingTable.source_id == row.id)
    ).one()
    return SourceFacts(
        id=row.id,
        kind=row.kind,
        url=row.url,
        match=row.match,
        state=row.state,
        state_reason=row.state_reason,
        due_at=row.due_at,
        last_success_at=row.last_success_at,
        last_fetch=(
            FetchFacts(last.at, last.outcome, last.status, last.error) if last is not None else None
        ),
        last_error=row.last_error,
        entries=counts[0],
        matching=counts[1],
    )


def _is_account(url: str) -> bool:
    return url.startswith("@") or _ACCOUNT.fullmatch(path(url).rstrip("/")) is not None


def _posts_by(session: Session, course_id: int, url: str) -> int:
    """Live posts of an account."""
    query = select(func.count(SightingTable.post_id.distinct())).where(
        SightingTable.course_id == course_id,
        SightingTable.state == SightingState.LIVE.value,
        or_(
            SightingTable.author_handle == url,
            SightingTable.author_url == url,
            SightingTable.author_key.in_([url, canonical(url)]),
        ),
    )
    return session.scalar(query) or 0


def _is_barred(session: Session, course_id: int, url: str) -> bool:
    if barred.is_barred(session, url):
        return True
    hashes = [barred.hashed(session, key) for key in (key_of_url(url), key_of_uid(url))]
    query = select(ErasureTable.hash).where(
        ErasureTable.course_id == course_id, ErasureTable.hash.in_(hashes)
    )
    return session.scalar(query) is not None
