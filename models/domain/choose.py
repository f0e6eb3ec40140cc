"""Which of several sightings a post shows, and whether it is still there.

The post's origin is the author's own feed or the status's own instance. A source says of itself
that it is; where two say so from different sites, one of them repeats the other's id.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from models.domain.decide import SightingState
from models.domain.links import best_address, same_site

ENDING = 600
"""Characters of the end of its content that show whether a text breaks off."""
SAME_BEGINNING = 40
"""Characters that two texts begin with alike if one goes on where the other breaks off."""

_TAG_URI = re.compile(r"tag:(?:[^@,:]*@)?([a-z0-9.-]+),", re.IGNORECASE)
"""RFC 4151; the group is the host it names."""
_TAGS = re.compile(r"<[^<>]*>|\A[^<>]*>")
_SPEAKING = frozenset({SightingState.LIVE, SightingState.WITHDRAWN})
"""States in which a source says something of the post."""
_READ_ON = "read more|continue reading|weiterlesen|mehr lesen"
_BREAK = re.compile(rf"\[\s*(?:…|\.\.\.)\s*\]|(?:…|\.\.\.)\s*\Z|(?:{_READ_ON})\W*\Z", re.IGNORECASE)
_MARK = re.compile(rf"\[?(?:…|\.\.\.)|{_READ_ON}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting, as far as choosing among several needs it."""

    source_id: str
    entry_key: str
    external_id: str
    state: SightingState
    from_origin: bool
    length: int
    """Characters of its content."""
    excerpt: str
    ending: str
    """The last `ENDING` characters of its content, as HTML."""
    first_seen_at: datetime
    stated_at: datetime
    dated: bool
    url: str
    person_key: str = ""
    participant_id: str | None = None
    """The participant who wrote it, as far as this sighting tells."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which sighting a post shows, at which address, under which time, and whose it is."""

    sighting: Seen
    url: str
    published_at: datetime
    participant_id: str | None


def choose(sightings: Sequence[Seen]) -> Shown | None:
    """The sighting to show; None where the post counts as withdrawn.

    The origin decides over withdrawal, and its own text is shown: of several copies the longest,
    and another's only where the origin's breaks off and that one goes on. Without an origin the
    longest is shown, and the post lives as long as one sighting does. The order of the sightings
    makes no difference.
    """
    if len(sightings) == 1:  # as most posts are
        (only,) = sightings
        if only.state is not SightingState.LIVE:
            return None
        return Shown(only, only.url, only.stated_at, only.participant_id)
    in_order = sorted(sightings, key=_order)
    own = _origin(in_order)
    live = _live(in_order)
    if not live or (own and not _live(own)):
        return None
    best = _best(live, _live(own))
    url = best_address([(seen.url, seen in own) for seen in live])
    return Shown(best, url, _published(live, best), _participant(live, best))


def _order(seen: Seen) -> tuple[datetime, str, str]:
    return seen.first_seen_at, seen.source_id, seen.entry_key


def _live(sightings: Sequence[Seen]) -> list[Seen]:
    return [seen for seen in sightings if seen.state is SightingState.LIVE]


def _origin(in_order: Sequence[Seen]) -> list[Seen]:
    """The origin's own sightings.

    Of several sites that claim to be the origin the one counts that is a participant's, then one
    that the id names, then one that the id does not contradict, then the first. All of one
    participant's count: who publishes at two places is at home at both.
    """
    claims = [seen for seen in in_order if seen.from_origin and seen.state in _SPEAKING]
    if not claims:
        return []
    first = max(claims, key=_support)
    return [
        seen
        for seen in claims
        if same_site(seen.url, first.url)
        or (seen.participant_id is not None and seen.participant_id == first.participant_id)
    ]


def _support(seen: Seen) -> tuple[bool, int]:
    return seen.participant_id is not None, _support_of_id(seen)


def _support_of_id(seen: Seen) -> int:
    """How well the id supports that the post is at home at the sighting's address."""
    if match := _TAG_URI.match(seen.external_id):
        host = (urlsplit(seen.url).hostname or "").removeprefix("www.")
        return 2 if host == match[1].lower().removeprefix("www.") else 0
    if seen.external_id.startswith(("http://", "https://")):
        return 2 if same_site(seen.external_id, seen.url) else 0
    return 1


def _best(live: Sequence[Seen], own: Sequence[Seen]) -> Seen:
    best = max(own or live, key=_richness)
    if not own or not _breaks_off(best):
        return best
    return max((seen for seen in live if _goes_on(seen, best)), key=_richness, default=best)


def _richness(seen: Seen) -> tuple[int, bool, float]:
    """Among equals the one published first, then the one seen first."""
    return seen.length, seen.dated, -seen.stated_at.timestamp()


def _breaks_off(seen: Seen) -> bool:
    return _BREAK.search(_TAGS.sub(" ", seen.ending)) is not None


def _goes_on(seen: Seen, short: Seen) -> bool:
    begin = _MARK.split(short.excerpt, maxsplit=1)[0].strip()[:200]
    return (
        seen.length > short.length
        and len(begin) >= SAME_BEGINNING
        and seen.excerpt.startswith(begin)
    )


def _participant(live: Sequence[Seen], best: Seen) -> str | None:
    """A copy elsewhere does not know whose post it is; the participant's own source does."""
    ordered = [best, *(seen for seen in live if seen.from_origin), *live]
    return next((seen.participant_id for seen in ordered if seen.participant_id), None)


def _published(live: Sequence[Seen], best: Seen) -> datetime:
    if best.dated:
        return best.stated_at
    dated = [seen.stated_at for seen in live if seen.dated]
    return min(dated) if dated else min(seen.stated_at for seen in live)
