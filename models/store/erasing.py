"""Erasing: a post's content is gone, and only keyed hashes remain, so that it never comes back.

What erasing leaves: the row of `posts` with its id, so that the address answers 410, and the
change log's numbers. On SQLite deleted rows and full-text entries are overwritten at once
(`secure_delete`), on PostgreSQL by VACUUM.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.domain.errors import NotFound
from models.domain.identity import key_of_uid, key_of_url, person_key
from models.domain.links import canonical
from models.store import barred, search, sources
from models.store.chunks import chunks
from models.store.intake import OPTED_OUT
from models.store.locking import lock_course
from models.store.projection import project
from models.store.touched import SOURCE_REMOVED, Counts, Touched
from models.tables.people import AccountTable, ParticipantTable
from models.tables.posts import (
    EdgeTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SightingTable,
    TagTable,
)
from models.tables.sources import SourceTable
from models.tables.ties import TieTable

ERASED = "erased"
NOBODY = "0" * 32
"""The person key of a post that was erased."""


def erase_posts(
    session: Session, course_id: int, post_ids: Collection[str], now: datetime
) -> Counts:
    """Erases posts, with those that were merged into them; what is erased already stays so."""
    course = lock_course(session, course_id)
    ids = _with_merged(session, course_id, post_ids)
    seen = _sightings(session, course_id, ids)
    touched = {post_id: Touched(post_id, is_new=False, taken_back=seen[post_id]) for post_id in ids}
    changes = project(session, course, touched, {}, now) if touched else {}
    barred.bar_posts(session, course_id, _identity_keys(session, course_id, ids), now)
    _delete_content(session, course_id, ids)
    _blank(session, course_id, ids, now)
    if ids:
        search.scrub(session)
    return Counts.total(changes)


def erase_address(session: Session, course_id: int, url: str, now: datetime) -> Counts:
    """Erases the post at an address. Raises `NotFound`; the address is barred all the same."""
    keys = [key_of_url(url), key_of_uid(url)]
    found = session.scalars(
        select(IdentityTable.post_id).where(
            IdentityTable.course_id == course_id, IdentityTable.key.in_(keys)
        )
    ).all()
    barred.bar_posts(session, course_id, keys, now)
    if not found:
        raise NotFound("no post of the course has this address; it will not be collected either")
    return erase_posts(session, course_id, found, now)


def erase_author(session: Session, course_id: int, url: str, now: datetime) -> Counts:
    """Erases all posts of an account or author page in a course, and bars it from every course.

    In other courses what is theirs is withdrawn. Where it is a participant's, so is all else that
    is known as theirs. Raises `NotFound` where nobody writes under it; it is barred all the same.
    """
    wanted = canonical(url)
    keys = {wanted, url}
    rows = session.execute(
        select(SightingTable.author_key, SightingTable.author_url, SightingTable.author_handle)
        .where(SightingTable.course_id == course_id, SightingTable.author_key.is_not(None))
        .distinct()
    )
    for row in rows:
        if url == row.author_handle or wanted in _addresses(row.author_key, row.author_url):
            keys.add(row.author_key)
    barred.bar_people(session, keys, now)
    _withdraw_elsewhere(session, course_id, keys, now)
    posts = _posts_by(session, course_id, keys)
    owners = _owners(session, course_id, keys)
    if not (posts or owners):
        raise NotFound("nobody in the course writes under this address; it is barred all the same")
    counts = erase_posts(session, course_id, posts, now)
    for participant_id in owners:
        counts += erase_participant(session, course_id, participant_id, now)
    return counts


def _owners(session: Session, course_id: int, author_keys: Collection[str]) -> set[str]:
    """The participants whose account, or whose registered source, one of these is."""
    accounts = session.scalars(
        select(AccountTable.participant_id).where(
            AccountTable.course_id == course_id,
            AccountTable.key.in_([person_key(key) for key in author_keys]),
        )
    )
    wanted = {canonical(key) for key in author_keys}
    registered = {
        row.participant_id
        for row in sources.listed(session, removed=True)
        if row.course_id == course_id and row.participant_id and canonical(row.url) in wanted
    }
    return {*accounts, *registered}


def _addresses(key: str, url: str | None) -> set[str]:
    return {canonical(address) for address in (key, url) if address}


def erase_participant(
    session: Session, course_id: int, participant_id: str, now: datetime
) -> Counts:
    """Erases a participant: posts, accounts, blogs and name, and bars their accounts everywhere.

    Raises `NotFound`.
    """
    _require_participant(session, course_id, participant_id)
    owned = [
        row
        for row in sources.listed(session, removed=True)
        if (row.course_id, row.participant_id) == (course_id, participant_id)
    ]
    posts = session.scalars(
        select(PostTable.id).where(
            PostTable.course_id == course_id, PostTable.participant_id == participant_id
        )
    ).all()
    keys = _author_keys(session, course_id, posts)
    barred.bar_people(session, keys, now)
    _withdraw_elsewhere(session, course_id, keys, now)
    barred.bar_people(session, {canonical(row.url) for row in owned}, now)
    counts = erase_posts(session, course_id, posts, now)
    for row in owned:
        counts += sources_out(session, row.course_id, row.id, now)
    _delete_person(session, course_id, participant_id)
    return counts


def sources_out(session: Session, course_id: int, source_id: str, now: datetime) -> Counts:
    """Deletes a source with every trace of what it brought; others' posts stay."""
    course = lock_course(session, course_id)
    posts = session.scalars(
        select(SightingTable.post_id)
        .where(
            SightingTable.course_id == course_id,
            SightingTable.source_id == source_id,
            SightingTable.state == SightingState.LIVE.value,
        )
        .distinct()
    ).all()
    seen = _sightings(session, course_id, [post for post in posts if post], source_id=source_id)
    touched = {
        post_id: Touched(post_id, is_new=False, taken_back=found) for post_id, found in seen.items()
    }
    changes = project(session, course, touched, {}, now) if touched else {}
    session.execute(
        delete(SourceTable)
        .where(SourceTable.course_id == course_id, SourceTable.id == source_id)
        .execution_options(synchronize_session=False)
    )
    return Counts.total(changes)


def _withdraw_elsewhere(
    session: Session, course_id: int, author_keys: Collection[str], now: datetime
) -> None:
    """Who opted out is shown in no course; only the course asked erases."""
    found: dict[int, dict[str, Touched]] = {}
    for part in chunks(author_keys):
        rows = session.execute(
            select(
                SightingTable.course_id,
                SightingTable.source_id,
                SightingTable.entry_key,
                SightingTable.post_id,
            ).where(
                SightingTable.course_id != course_id,
                SightingTable.author_key.in_(part),
                SightingTable.state == SightingState.LIVE.value,
            )
        )
        for row in rows:
            posts = found.setdefault(row.course_id, {})
            post = posts.setdefault(row.post_id, Touched(row.post_id, is_new=False))
            post.taken_back[row.source_id, row.entry_key] = OPTED_OUT
    for other, touched in sorted(found.items()):
        project(session, lock_course(session, other), touched, {}, now)


def _require_participant(session: Session, course_id: int, participant_id: str) -> None:
    known = session.scalar(
        select(ParticipantTable.id).where(
            ParticipantTable.course_id == course_id, ParticipantTable.id == participant_id
        )
    )
    if known is None:
        raise NotFound(f"there is no participant {participant_id} in this course")


def _delete_person(session: Session, course_id: int, participant_id: str) -> None:
    session.execute(
        delete(ParticipantTable)
        .where(ParticipantTable.course_id == course_id, ParticipantTable.id == participant_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(AccountTable)
        .where(AccountTable.course_id == course_id, AccountTable.participant_id == participant_id)
        .execution_options(synchronize_session=False)
    )


def _with_merged(session: Session, course_id: int, post_ids: Collection[str]) -> list[str]:
    """The posts that are not erased yet, and those that turned out to be them."""
    return sorted(
        {
            post_id
            for part in chunks(set(post_ids))
            for post_id in session.scalars(
                select(PostTable.id).where(
                    PostTable.course_id == course_id,
                    or_(PostTable.id.in_(part), PostTable.merged_into.in_(part)),
                    PostTable.erased_at.is_(None),
                )
            )
        }
    )


def _sightings(
    session: Session, course_id: int, post_ids: Sequence[str], *, source_id: str | None = None
) -> dict[str, dict[tuple[str, str], str]]:
    """The posts' sightings, or those of one source, all to be taken back."""
    reason = SOURCE_REMOVED if source_id is not None else ERASED
    found: dict[str, dict[tuple[str, str], str]] = {post_id: {} for post_id in post_ids}
    for part in chunks(post_ids):
        query = select(
            SightingTable.post_id, SightingTable.source_id, SightingTable.entry_key
        ).where(SightingTable.course_id == course_id, SightingTable.post_id.in_(part))
        if source_id is not None:
            query = query.where(SightingTable.source_id == source_id)
        for row in session.execute(query):
            found[row.post_id][row.source_id, row.entry_key] = reason
    return found


def _identity_keys(session: Session, course_id: int, post_ids: Sequence[str]) -> list[str]:
    return [
        key
        for part in chunks(post_ids)
        for key in session.scalars(
            select(IdentityTable.key).where(
                IdentityTable.course_id == course_id, IdentityTable.post_id.in_(part)
            )
        )
    ]


def _author_keys(session: Session, course_id: int, post_ids: Sequence[str]) -> set[str]:
    return {
        key
        for part in chunks(post_ids)
        for key in session.scalars(
            select(SightingTable.author_key).where(
                SightingTable.course_id == course_id, SightingTable.post_id.in_(part)
            )
        )
        if key
    }


def _posts_by(session: Session, course_id: int, author_keys: Collection[str]) -> set[str]:
    return {
        post_id
        for part in chunks(author_keys)
        for post_id in session.scalars(
            select(SightingTable.post_id).where(
                SightingTable.course_id == course_id, SightingTable.author_key.in_(part)
            )
        )
        if post_id
    }


def _delete_content(session: Session, course_id: int, post_ids: Sequence[str]) -> None:
    _delete_ties(session, course_id, post_ids)
    for part in chunks(post_ids):
        for table in (SightingTable, IdentityTable, TagTable, LinkTable, EdgeTable):
            session.execute(
                delete(table)
                .where(table.course_id == course_id, table.post_id.in_(part))
                .execution_options(synchronize_session=False)
            )
        session.execute(
            delete(EdgeTable)
            .where(EdgeTable.course_id == course_id, EdgeTable.target_key.in_(part))
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(PostTable)
            .where(PostTable.course_id == course_id, PostTable.announces_id.in_(part))
            .values(announces_id=None)
            .execution_options(synchronize_session=False)
        )


def _delete_ties(session: Session, course_id: int, post_ids: Sequence[str]) -> None:
    """Those of the parts that the posts consist of."""
    for part in chunks(post_ids):
        own = select(SightingTable.own_id).where(
            SightingTable.course_id == course_id, SightingTable.post_id.in_(part)
        )
        session.execute(
            delete(TieTable)
            .where(
                TieTable.course_id == course_id,
                or_(TieTable.own_id.in_(own), TieTable.other_id.in_(own)),
            )
            .execution_options(synchronize_session=False)
        )


def _blank(session: Session, course_id: int, post_ids: Sequence[str], now: datetime) -> None:
    for part in chunks(post_ids):
        session.execute(
            update(PostTable)
            .where(PostTable.course_id == course_id, PostTable.id.in_(part))
            .values(
                url="",
                language=None,
                published_at=now,
                updated_at=now,
                first_seen_at=now,
                person_key=NOBODY,
                participant_id=None,
                reply_key=None,
                responses=0,
                announces_id=None,
                merged_into=None,
                shown_source_id=None,
                shown_entry_key=None,
                erased_at=now,
            )
            .execution_options(synchronize_session=False)
        )
