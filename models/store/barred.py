"""Whom and what not to collect: erased posts, people who opted out, known by keyed hashes only."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.domain.identity import keyed_hash
from models.domain.links import canonical
from models.domain.post import Post
from models.store.chunks import chunks
from models.store.engine import HASH_KEY
from models.tables.base import rows_of
from models.tables.erasures import ErasureTable, OptOutTable


def hashed(session: Session, text: str) -> str:
    """The keyed hash of this installation: the same text always gives the same."""
    key: Callable[[], bytes] = session.info[HASH_KEY]
    return keyed_hash(key(), text)


@dataclass(frozen=True, slots=True)
class Barred:
    """Which of an answer's posts are not to be taken in."""

    erased: frozenset[str]
    """Entry keys of posts that were erased from the course."""
    opted_out: frozenset[str]
    """Entry keys of posts whose authors do not want to be collected."""


NOBODY = Barred(frozenset(), frozenset())


def among(session: Session, course_id: int, posts: Sequence[Post]) -> Barred:
    """Those of the posts that are barred. Costs two small queries where nothing ever was."""
    erasures = _any_erased(session, course_id)
    opt_outs = _any_opted_out(session)
    if not (posts and (erasures or opt_outs)):
        return NOBODY
    return Barred(
        _erased(session, course_id, posts) if erasures else frozenset(),
        _opted_out(session, posts) if opt_outs else frozenset(),
    )


def _any_erased(session: Session, course_id: int) -> bool:
    query = select(ErasureTable.hash).where(ErasureTable.course_id == course_id).limit(1)
    return session.scalar(query) is not None


def _any_opted_out(session: Session) -> bool:
    return session.scalar(select(OptOutTable.hash).limit(1)) is not None


def _erased(session: Session, course_id: int, posts: Sequence[Post]) -> frozenset[str]:
    hashes = {post.entry_key: _hashes(session, post.identity_keys) for post in posts}
    known = {
        hash_
        for part in chunks({hash_ for found in hashes.values() for hash_ in found})
        for hash_ in session.scalars(
            select(ErasureTable.hash).where(
                ErasureTable.course_id == course_id, ErasureTable.hash.in_(part)
            )
        )
    }
    return frozenset(entry for entry, found in hashes.items() if known & found)


def _opted_out(session: Session, posts: Sequence[Post]) -> frozenset[str]:
    by_hash = {post.entry_key: hashed(session, post.author.key) for post in posts}
    known = known_opt_outs(session, set(by_hash.values()))
    return frozenset(entry for entry, hash_ in by_hash.items() if hash_ in known)


def known_opt_outs(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of the hashes that somebody opted out under."""
    return {
        hash_
        for part in chunks(hashes)
        for hash_ in session.scalars(select(OptOutTable.hash).where(OptOutTable.hash.in_(part)))
    }


def is_barred(session: Session, url: str) -> bool:
    """Whether the owner of a blog or account at this address opted out."""
    return bool(known_opt_outs(session, {hashed(session, canonical(url))}))


def _hashes(session: Session, keys: Collection[str]) -> set[str]:
    return {hashed(session, key) for key in keys}


def bar_posts(
    session: Session, course_id: int, identity_keys: Collection[str], now: datetime
) -> None:
    """Whatever has one of these identity keys is never taken into the course again."""
    hashes = _hashes(session, identity_keys)
    known = {
        hash_
        for part in chunks(hashes)
        for hash_ in session.scalars(
            select(ErasureTable.hash).where(
                ErasureTable.course_id == course_id, ErasureTable.hash.in_(part)
            )
        )
    }
    rows = [{"course_id": course_id, "hash": hash_, "at": now} for hash_ in sorted(hashes - known)]
    if rows:
        session.execute(insert(rows_of(ErasureTable)), rows)


def bar_people(session: Session, author_keys: Collection[str], now: datetime) -> None:
    """Whoever writes under one of these `Author.key`s is never collected again, in any course."""
    hashes = _hashes(session, author_keys)
    rows = [
        {"hash": hash_, "at": now} for hash_ in sorted(hashes - known_opt_outs(session, hashes))
    ]
    if rows:
        session.execute(insert(rows_of(OptOutTable)), rows)
