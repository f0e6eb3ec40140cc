"""What a Mastodon instance streams: where, and what its events mean.

https://docs.joinmastodon.org/methods/streaming/

Statuses come whole, deletions as ids. An edit that drops the hashtag is not streamed, and a
deletion may overtake what it deletes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors import instance
from collectors.contract import Ask, Batch, Channel, CollectError, Event, Reply
from collectors.fields import document
from models.domain.source import SourceSpec

WRITTEN = frozenset({"update", "status.update"})
DELETED = "delete"
_SCHEMES = {"wss": "https", "https": "https", "ws": "http", "http": "http"}


def locate(source: SourceSpec) -> Ask:
    """Where the stream is: the instance says so."""
    return instance.get(source, "/api/v2/instance")


def channels(source: SourceSpec, reply: Reply) -> Sequence[Channel]:
    """A channel for each hashtag, on the host that `configuration.urls.streaming` names, else on
    the instance's own. Raises `CollectError` `no-stream` where the token would go unencrypted.
    """
    if reply.status in {401, 403}:
        raise instance.wants_token(source)
    base = _base(document(reply)) or instance.root(source.url)
    if urlsplit(source.url).scheme == "https" and urlsplit(base).scheme != "https":
        raise CollectError(
            "no-stream",
            f"{instance.root(source.url)} streams without encryption, which would give its user's"
            " token away",
            mend="It is polled instead.",
        )
    return [_channel(f"{base}/api/v1/streaming", tag) for tag in instance.hashtags(source)]


def _channel(stream: str, tag: str) -> Channel:
    return Channel(
        f"{stream}/hashtag?{urlencode({'tag': tag})}",
        f"{stream}?{urlencode({'stream': 'hashtag', 'tag': tag})}",
    )


def _base(about: Any) -> str | None:
    try:
        parts = urlsplit(about["configuration"]["urls"]["streaming"])
        scheme = _SCHEMES[parts.scheme]
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    path = parts.path.rstrip("/").removesuffix("/api/v1/streaming")
    return f"{scheme}://{parts.netloc}{path}" if parts.netloc else None


def changes(source: SourceSpec, events: Sequence[Event]) -> Batch:
    """What a few events bring, the last word on each status; deleted beats written, in whatever
    order they come.
    """
    deleted = {event.data.strip() for event in events if event.name == DELETED}
    written = {str(status["id"]): status for status in _written(events)}
    statuses = [status for id_, status in written.items() if id_ not in deleted]
    return replace(instance.read(source, statuses), deleted=tuple(sorted(filter(None, deleted))))


def _written(events: Sequence[Event]) -> Iterator[Mapping[str, Any]]:
    for event in events:
        if event.name in WRITTEN and instance.is_status(status := _json(event.data)):
            yield status


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
