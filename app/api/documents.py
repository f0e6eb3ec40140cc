"""Rows of the store as the JSON that the contract promises."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.domain.course import Course, Week
from models.domain.explain import Explanation
from models.store.rows import Change, CourseRow, FeedPost, PublicPerson, SharedLink


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else "0001-01-01T00:00:00Z"


def post(row: FeedPost) -> dict[str, Any]:
    """A Post."""
    author = row.author
    return {
        "id": row.id,
        "course": row.course,
        "kind": row.kind,
        "url": row.url,
        "title": row.title,
        "content_html": row.content_html,
        "excerpt": row.excerpt,
        "language": row.language,
        "published_at": stamp(row.published_at),
        "updated_at": stamp(row.updated_at),
        "first_seen_at": stamp(row.first_seen_at),
        "author": {
            "name": author.name,
            "url": author.url,
            "handle": author.handle,
            "avatar_url": author.avatar_url,
            "participant": author.participant,
        },
        "sources": [
            {"id": source.id, "kind": source.kind, "title": source.title, "url": source.url}
            for source in row.sources
        ],
        "hashtags": row.hashtags,
        "links": row.links,
        "media": [
            {
                "url": media.url,
                "type": media.type,
                "alt": media.alt,
                "width": media.width,
                "height": media.height,
            }
            for media in row.media
        ],
        "in_reply_to": row.in_reply_to,
        "announced_by": row.announced_by,
        "responses": row.responses,
        "week": row.week,
        "pinned": row.pinned,
        "sensitive": row.sensitive,
        "content_warning": row.content_warning,
    }


def course(row: CourseRow, now: datetime) -> dict[str, Any]:
    """A course with its weeks and counts."""
    settings = row.course
    current = settings.week_at(now)
    return {
        "slug": settings.slug,
        "title": settings.title,
        "hashtags": settings.hashtags,
        "language": settings.language,
        "timezone": settings.timezone,
        "homepage": settings.homepage,
        "imprint": settings.imprint,
        "privacy": settings.privacy,
        "weeks": [week(settings, one) for one in settings.weeks],
        "current_week": current.number if current else None,
        "counts": {"posts": row.posts, "sources": row.sources, "people": row.people},
        "revision": row.revision,
    }


def week(settings: Course, one: Week) -> dict[str, Any]:
    """A week with its question, events and links."""
    starts_at, ends_at = settings.bounds(one)
    return {
        "number": one.number,
        "title": one.title,
        "question": one.question,
        "starts_on": one.starts_on.isoformat(),
        "ends_on": one.ends_on.isoformat(),
        "starts_at": stamp(starts_at),
        "ends_at": stamp(ends_at),
        "events": [
            {"title": event.title, "starts_at": stamp(event.starts_at), "url": event.url}
            for event in one.events
        ],
        "links": [{"title": link.title, "url": link.url} for link in one.links],
    }


def change(row: Change) -> dict[str, Any]:
    """One entry of the change log."""
    return {
        "revision": row.revision,
        "change": row.change,
        "id": row.id,
        "post": post(row.post) if row.post else None,
    }


def explanation(found: Explanation) -> dict[str, Any]:
    """Why something is or is not in the feed."""
    return {
        "url": found.url,
        "shown": found.shown,
        "post": found.post_id,
        "mend": found.mend,
        "steps": [
            {
                "name": step.name,
                "ok": step.ok,
                "finding": step.finding,
                "evidence": step.evidence,
                "mend": step.mend,
            }
            for step in found.steps
        ],
    }


def shared_link(row: SharedLink) -> Mapping[str, Any]:
    """A link that participants shared."""
    return {"url": row.url, "title": row.title, "people": row.people, "posts": row.posts}


def person(row: PublicPerson) -> Mapping[str, Any]:
    """A participant who agreed to be listed."""
    return {"id": row.id, "name": row.name, "role": row.role, "posts": row.posts}
