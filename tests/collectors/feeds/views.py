"""Entries as feedparser gives them, and ours, made comparable field by field."""

import calendar
import html
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from models.domain.post import RawPost
from tests.collectors.feeds.batches import ADDRESS

FIELDS = ("id", "link", "title", "published", "content", "tags")

NAMING = ("id", "link", "title", "content")

View = Mapping[str, Any]

_SPOILED = re.compile(r"[^\x21-\x7e]|&nbsp;")
_VOID = re.compile(r"</(?:br|img|hr)>")
"""feedparser ends what HTML leaves open."""


def same(field: str, ours: View, theirs: View) -> bool:
    if field == "id" and not theirs["id"]:
        return True  # ours is made of the link or the text then
    return bool(ours[field] == theirs[field])


def lost(theirs: Sequence[View], ours: Sequence[View]) -> list[View]:
    """Where they are more: those that are none of ours, by any field that names an entry."""
    if len(theirs) <= len(ours):
        return []
    known = [bare(view) for view in ours]
    return [
        view
        for view in map(bare, theirs)
        if not any(view[key] and view[key] == one[key] for one in known for key in NAMING)
    ]


def bare(view: View) -> View:
    """Without the characters that an encoding may spoil, and without references."""
    return {field: _bare(value) for field, value in view.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, set):
        return {_bare(each) for each in value}
    if not isinstance(value, str):
        return value
    return _SPOILED.sub("", html.unescape(html.unescape(value)))


def of_post(post: RawPost) -> View:
    return {
        "id": post.external_id,
        "link": post.url,
        "title": post.title,
        "published": post.published_at,
        "content": post.content,
        "tags": set(post.tags),
    }


def of_feedparser(body: bytes) -> list[View]:
    """The entries that feedparser itself reads and that say anything, in the feed's order."""
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": "application/xml", "content-location": ADDRESS},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    base = parsed.feed.get("link") or ADDRESS
    views = [_of_entry(entry, base, parsed.version) for entry in parsed.entries]
    return [view for view in views if any(view[key] for key in NAMING)]


def _of_entry(entry: Any, base: str, version: str) -> View:
    texts = [content["value"] for content in entry.get("content", ())] + [entry.get("summary")]
    terms = {tag[key] for tag in entry.get("tags", ()) for key in ("term", "label") if tag[key]}
    moment = entry.get("published_parsed")
    if moment is None and version.startswith("rss") and "updated_parsed" in entry:
        moment = entry["updated_parsed"]
    return {
        "id": entry.get("id"),
        "link": _link(entry.get("link"), base),
        "title": _VOID.sub("", entry.get("title") or "") or None,
        "published": datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None,
        "content": max((_VOID.sub("", text or "") for text in texts), key=len),
        "tags": terms,
    }


def _link(link: str | None, base: str) -> str | None:
    """Resolved against the site, where feedparser takes the feed's address."""
    if not link or link.startswith("tag:"):
        return None  # an id in a missing link's place
    own = urlsplit(ADDRESS)
    if link.startswith(urljoin(ADDRESS, ".")):
        return urljoin(base, link.removeprefix(urljoin(ADDRESS, ".")))
    if link.startswith(f"{own.scheme}://{own.netloc}/"):
        return urljoin(base, link.removeprefix(f"{own.scheme}://{own.netloc}"))
    return link
