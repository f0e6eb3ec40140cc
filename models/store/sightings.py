"""Rows of `sightings`: posts as one source shows them, and entries that are not the course's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from models.domain.checks import next_check
from models.domain.decide import Known, SightingState
from models.domain.html import PROFILE
from models.domain.post import Media, Post, Unmatched
from models.store.bulk import insert_rows, update_rows
from models.store.touched import Sighted, SightingId
from models.tables.posts import PostTable, SightingTable

Values = dict[str, Any]

SHOWN: ColumnElement[bool] = and_(
    SightingTable.course_id == PostTable.course_id,
    SightingTable.source_id == PostTable.shown_source_id,
    SightingTable.entry_key == PostTable.shown_entry_key,
)
"""Of a post's sightings the one whose content it shows."""


def stated_at(sighted: Sighted, before: Known | None) -> datetime:
    """When it was published. Where the source gives no time, the first sighting's holds."""
    known_time = before.stated_at if before is not None else None
    post = sighted.post
    return post.published_at if post.dated or known_time is None else known_time


def live(
    course_id: int, source_id: str, sighted: Sighted, before: Known | None, now: datetime
) -> Values:
    """A row for a post's sighting."""
    post = sighted.post
    first_seen = before.first_seen_at if before else now
    return {
        "course_id": course_id,
        "source_id": source_id,
        "entry_key": post.entry_key,
        "external_id": post.external_id,
        "own_id": sighted.own_id,
        "digest": post.digest,
        "state": SightingState.LIVE.value,
        "reason": None,
        "first_seen_at": first_seen,
        "seen_at": now,
        "kind": post.kind.value,
        "url": post.url,
        "title": post.title,
        "content_html": post.content_html,
        "excerpt": post.excerpt,
        "language": post.language,
        "stated_at": stated_at(sighted, before),
        "dated": post.dated,
        "updated_at": post.updated_at,
        "from_origin": post.from_origin,
        "author_name": post.author.name,
        "author_url": post.author.url,
        "author_handle": post.author.handle,
        "author_avatar_url": post.author.avatar_url,
        "author_key": post.author.key,
        "person_key": sighted.person.key,
        "participant_id": sighted.person.participant_id,
        "hashtags": list(post.hashtags),
        "links": list(post.links),
        "media": [_media(media) for media in post.media],
        "mentions": list(post.mentions),
        "in_reply_to": post.in_reply_to,
        "reply_key": post.reply_key,
        "text_length": post.text_length,
        "sensitive": post.sensitive,
        "content_warning": post.content_warning,
        "boosts": post.boosts,
        "replies": post.replies,
        "remote_id": post.remote_id,
        "profile": PROFILE,
        **_looked_after(post, before, first_seen, now),
    }


def _media(media: Media) -> Values:
    return {
        "url": media.url,
        "type": media.type,
        "alt": media.alt,
        "width": media.width,
        "height": media.height,
    }


def _looked_after(post: Post, before: Known | None, first_seen: datetime, now: datetime) -> Values:
    """A post that can be asked for again is, from the time it is live; new replies are read."""
    if before is None or before.state is not SightingState.LIVE:
        check_at = next_check(first_seen, now) if post.remote_id else None
    else:
        check_at = before.check_at
    return {
        "check_at": check_at,
        "checks": before.checks if before else 0,
        "answers_at": _answers_at(post, before),
    }


def _answers_at(post: Post, before: Known | None) -> datetime | None:
    """When its replies were read; None where there are new ones since."""
    return before.answers_at if before and post.replies <= before.replies else None


NOTHING: Mapping[str, Any] = {
    "content_html": None,
    "excerpt": None,
    "language": None,
    "stated_at": None,
    "dated": False,
    "updated_at": None,
    "from_origin": False,
    "author_name": None,
    "author_url": None,
    "author_handle": None,
    "author_avatar_url": None,
    "author_key": None,
    "person_key": None,
    "participant_id": None,
    "hashtags": [],
    "links": [],
    "media": [],
    "mentions": [],
    "in_reply_to": None,
    "reply_key": None,
    "text_length": 0,
    "sensitive": False,
    "content_warning": None,
    "boosts": 0,
    "replies": 0,
    "remote_id": None,
    "check_at": None,
    "checks": 0,
}
"""The content of an entry that is not the course's: not kept."""


def recount(
    session: Session, course_id: int, source_id: str, posts: Sequence[tuple[Post, Known]]
) -> None:
    """Keeps counts up of sightings that are the same otherwise; new replies are yet to be read."""
    rows = [
        {
            "course_id": course_id,
            "source_id": source_id,
            "entry_key": post.entry_key,
            "boosts": post.boosts,
            "replies": post.replies,
            "answers_at": _answers_at(post, before),
        }
        for post, before in posts
    ]
    update_rows(session, SightingTable, rows)


def note(
    session: Session,
    course_id: int,
    entries: Sequence[tuple[str, Unmatched]],
    known: Mapping[SightingId, Known],
    now: datetime,
) -> None:
    """Keeps entries that are not the course's by digest and reason, so that it can be explained.

    `entries` come with their source's id.
    """
    new: list[Values] = []
    changed: list[Values] = []
    for source_id, entry in entries:
        before = known.get((source_id, entry.entry_key))
        row = _unmatched(course_id, source_id, entry, before, now)
        (new if before is None else changed).append(row)
    insert_rows(session, SightingTable, new)
    update_rows(session, SightingTable, changed)


def _unmatched(
    course_id: int,
    source_id: str,
    entry: Unmatched,
    before: Known | None,
    now: datetime,
) -> Values:
    return {
        "course_id": course_id,
        "source_id": source_id,
        "entry_key": entry.entry_key,
        "external_id": entry.external_id,
        "post_id": None,
        "own_id": None,
        "digest": entry.digest,
        "state": SightingState.UNMATCHED.value,
        "reason": entry.reason,
        "first_seen_at": before.first_seen_at if before else now,
        "seen_at": now,
        "kind": "",
        "url": entry.url,
        "title": entry.title,
        "listed": False,
        "published_at": None,
        "profile": PROFILE,
        **NOTHING,
        "hashtags": list(entry.hashtags),
    }
