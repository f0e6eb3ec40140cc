"""Batches as JSON, for the fixtures: only what differs from the defaults."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from collectors.contract import Batch, CollectError, Reply
from collectors.feeds import read_feed

FIXTURES = Path(__file__).parents[2] / "fixtures" / "feeds"
ADDRESS = "https://feeds.example.com/dir/feed.xml"
"""Where the fixtures pretend to come from: a host none of them names as its own."""

_TYPES = {".xml": "application/xml", ".json": "application/feed+json", ".html": "text/html"}


def fixtures() -> list[Path]:
    found = sorted(FIXTURES.iterdir())
    return [path for path in found if not path.name.endswith(".expected.json")]


def reply_of(body: bytes, content_type: str = "application/xml") -> Reply:
    return Reply(ADDRESS, 200, {"content-type": content_type}, body)


def fixture_reply(path: Path) -> Reply:
    return reply_of(path.read_bytes(), _TYPES.get(path.suffix, "application/octet-stream"))


def outcome(reply: Reply) -> Any:
    """What reading ends in, as JSON values: a batch, or an error's code and sentence."""
    try:
        return as_json(read_feed(ADDRESS, reply))
    except CollectError as error:
        return {"error": error.code, "message": error.message}


def expected(path: Path) -> Any:
    return json.loads(path.with_name(path.name + ".expected.json").read_text("utf-8"))


def without_alt(batch: Batch) -> Batch:
    """feedparser does not tell which description belongs to which picture."""
    posts = [
        replace(post, media=tuple(replace(media, alt=None) for media in post.media))
        for post in batch.posts
    ]
    return replace(batch, posts=tuple(posts))


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if is_dataclass(value):
        return {
            each.name: as_json(getattr(value, each.name))
            for each in fields(value)
            if getattr(value, each.name) != _default(each)
        }
    return value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
