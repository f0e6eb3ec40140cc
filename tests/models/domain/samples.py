"""Sample sources, entries and sightings; every field can be given."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models.domain.choose import ENDING, Seen
from models.domain.decide import SightingState
from models.domain.normalise import normalise
from models.domain.post import Entry, Post, RawPost
from models.domain.source import Match, Rule, SourceSpec

NOW = datetime(2014, 10, 9, 9, 0, tzinfo=UTC)
RULE = Rule(hashtags=("e20mooc",), match=Match.HASHTAG, language="de")
ALL = Rule(hashtags=("e20mooc",), match=Match.ALL, language="de")


def source(url: str = "https://blog.example/feed", **fields: Any) -> SourceSpec:
    return SourceSpec(**{"id": url, "kind": "feed", "url": url, "rule": ALL, **fields})


def raw(external_id: str = "https://blog.example/?p=1", **fields: Any) -> RawPost:
    given: dict[str, Any] = {
        "url": "https://blog.example/post",
        "title": "Ein Titel",
        "content": "<p>Ein Text #e20mooc</p>",
        "base_url": "https://blog.example/post",
        "published_at": NOW - timedelta(hours=1),
        "from_origin": True,
    }
    return RawPost(external_id, **{**given, **fields})


def entry(of: RawPost | None = None, by: SourceSpec | None = None, now: datetime = NOW) -> Entry:
    return normalise(of or raw(), by or source(), now)


def post(of: RawPost | None = None, by: SourceSpec | None = None, now: datetime = NOW) -> Post:
    found = entry(of, by, now)
    assert isinstance(found, Post)
    return found


def seen(
    sighted: Post,
    by: SourceSpec,
    *,
    state: SightingState = SightingState.LIVE,
    first_seen_at: datetime = NOW,
) -> Seen:
    """As the store sees it."""
    return Seen(
        source_id=by.id,
        entry_key=sighted.entry_key,
        external_id=sighted.external_id,
        state=state,
        from_origin=sighted.from_origin,
        length=len(sighted.content_html),
        excerpt=sighted.excerpt,
        ending=sighted.content_html[-ENDING:],
        first_seen_at=first_seen_at,
        stated_at=sighted.published_at,
        dated=sighted.dated,
        url=sighted.url,
    )
