"""How far the walk to a source's older entries has come, and what a page means for it. Pure.

A walk goes down from the newest page, a place at a time; a source may have several ways to go, one
for each hashtag. What a place is only the kind of source knows: a page's number, an id, an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from models.domain.identity import digest

Place = Mapping[str, Any]
"""JSON values; empty for the newest page."""

WAY = "way"
"""Key of a place: which of the source's ways it is on, counted from 0."""
REMEMBERED = 2000
"""Pages of a walk that are recognised when they come again."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands. Begun anew for other hashtags and rules."""

    since: datetime
    """Entries written before are left out, and a page of nothing else ends a way."""
    at: Place = field(default_factory=dict)
    """The page to be read next."""
    left: Place | None = None
    """The first page of which something was left out: where one who looks further back goes on."""
    seen: tuple[str, ...] = ()
    """What the pages of this walk held: one that comes again is the end of its way."""
    done: bool = False
    pages: int = 0
    new: int = 0
    """Posts that it brought."""
    oldest: datetime | None = None
    """When the oldest entry so far was written, whether it belongs to the course or not."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """What a page says of the way."""

    following: Place | None
    """The page of the entries before these; None where there is none."""
    holds: str | None
    """Digest of the entries' ids; None where it has no entries."""
    oldest: datetime | None = None
    """Of its entries."""
    newest: datetime | None = None


def resumed(walk: Walk | None, since: datetime) -> Walk:
    """The walk from here on, back to `since`.

    What is done stays done, unless it was asked for less than now: then it goes on where the first
    entry was left out.
    """
    if walk is None:
        return Walk(since)
    if since < walk.since:
        if walk.left is None:
            return replace(walk, since=since)
        return replace(walk, since=since, at=walk.left, left=None, seen=(), done=False)
    return walk if walk.done else replace(walk, since=since)


def advanced(walk: Walk, page: PageRead, *, ways: int) -> Walk:
    """The walk after this page; `ways`: how many the source has."""
    way = int(walk.at.get(WAY, 0))
    mark = None if page.holds is None else digest(str(way), page.holds)
    following = None if mark in walk.seen else _following(walk, page, way)
    leaves_out = page.oldest is not None and page.oldest < walk.since
    return replace(
        walk,
        at={WAY: way + 1} if following is None else following,
        left=walk.at if walk.left is None and leaves_out else walk.left,
        seen=(*walk.seen, *([mark] if mark else ()))[-REMEMBERED:],
        done=following is None and way + 1 >= ways,
        pages=walk.pages + (mark is not None),
        oldest=min((time for time in (walk.oldest, page.oldest) if time), default=None),
    )


def _following(walk: Walk, page: PageRead, way: int) -> Place | None:
    """The next page on the same way, unless that would bring nothing."""
    is_past = page.newest is not None and page.newest < walk.since
    if page.following is None or is_past:
        return None
    following = {**page.following, WAY: way}
    return None if following == walk.at else following
