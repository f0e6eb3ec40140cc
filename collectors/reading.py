"""Reading an answer: parse, then normalise every entry. Runs in a worker process, pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from collectors.contract import Batch, Hints, Reply
from collectors.registry import collector
from models.domain.identity import digest, entry_key
from models.domain.normalise import normalise
from models.domain.post import Entry, Unmatched
from models.domain.source import SourceSpec


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer held, safe and ready to be stored."""

    entries: tuple[Entry, ...]
    cursor: Mapping[str, Any]
    more: bool
    title: str | None
    homepage: str | None
    hints: Hints
    complete: bool
    withdrawn: tuple[str, ...]
    """Entry keys."""


def read(source: SourceSpec, reply: Reply, now: datetime) -> Reading:
    """Raises `CollectError` where the answer cannot be used at all."""
    batch = collector(source.kind).parse(source, reply)
    return Reading(
        entries=_entries(batch, source, now),
        cursor=batch.cursor,
        more=batch.more,
        title=batch.title,
        homepage=batch.homepage,
        hints=batch.hints,
        complete=batch.complete,
        withdrawn=tuple(entry_key(external_id) for external_id in batch.withdrawn),
    )


def _entries(batch: Batch, source: SourceSpec, now: datetime) -> tuple[Entry, ...]:
    """One entry for each id; where an answer repeats one, the first stands."""
    found: dict[str, Entry] = {}
    for raw in batch.posts:
        if entry_key(raw.external_id) not in found:
            entry = normalise(raw, source, now)
            found[entry_key(raw.external_id)] = replace(entry, cut_off=raw.cut_off)
    for external_id, reason, url in batch.excluded:
        key = entry_key(external_id)
        found.setdefault(key, Unmatched(external_id, key, digest(reason), url, None, reason))
    return tuple(found.values())
