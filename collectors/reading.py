"""Reading an answer: parse, then normalise every entry. Runs in a worker process, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.contract import Batch, Hints, Reply
from collectors.registry import collector
from models.domain.identity import entry_key
from models.domain.normalise import left_out, normalise
from models.domain.post import Entry
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
    partial: bool = False


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
        partial=batch.partial,
    )


def _entries(batch: Batch, source: SourceSpec, now: datetime) -> tuple[Entry, ...]:
    """One entry for each id; where an answer repeats one, the first stands."""
    found: dict[str, Entry] = {}
    for raw in batch.posts:
        if entry_key(raw.external_id) not in found:
            found[entry_key(raw.external_id)] = normalise(raw, source, now)
    for external_id, reason, url in batch.excluded:
        found.setdefault(entry_key(external_id), left_out(external_id, reason, url))
    return tuple(found.values())
