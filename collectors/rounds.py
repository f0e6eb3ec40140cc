"""What a run over an instance looks after once its timeline is read, one part after another.

First the newest pages again, once an hour; then older posts that are due for a check; then the
replies to posts that have new ones. A run that is cut short leaves the rest to the next ones: what
was not looked at stays due.

Cursor: `round`, while a run is at it: `run`, the moment the run began, `part`, and `state`, the
part's own; `window`, `singly` and `proven` as the parts say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collectors import overlap, rechecks, replies
from collectors.contract import Ask, Batch, Reply
from collectors.steps import State, Step
from models.domain.source import SourceSpec

KEY = "round"


@dataclass(frozen=True, slots=True)
class _Part:
    """`first`: where it begins, or None where there is nothing to do."""

    first: Callable[[SourceSpec, Mapping[str, Any]], State | None]
    ask: Callable[[SourceSpec, State], Ask]
    read: Callable[[SourceSpec, State, Reply], Step]


_PARTS = {
    "window": _Part(overlap.first, overlap.ask, overlap.read),
    "checks": _Part(rechecks.first, rechecks.ask, rechecks.read),
    "replies": _Part(replies.first, replies.ask, replies.read),
}


def state_of(source: SourceSpec) -> Mapping[str, Any] | None:
    """The round of this run, once it has begun; what another run left unfinished is nobody's."""
    found: Mapping[str, Any] | None = source.cursor.get(KEY)
    return found if found is not None and found["run"] == source.now else None


def begin(source: SourceSpec, batch: Batch) -> Batch:
    """The timeline's answer; after the last, the round follows."""
    if batch.more:
        return batch
    cursor = {"window": source.now, **batch.cursor}
    return replace(batch, **_next(source, cursor, tuple(_PARTS)))


def ask(source: SourceSpec, at: Mapping[str, Any]) -> Ask:
    """The request of the part the round is at."""
    return _PARTS[at["part"]].ask(source, at["state"])


def parse(source: SourceSpec, at: Mapping[str, Any], reply: Reply) -> Batch:
    """Reads the answer to it."""
    step = _PARTS[at["part"]].read(source, at["state"], reply)
    cursor = {**source.cursor, **step.learned}
    if step.state is not None:
        cursor[KEY] = {**at, "state": step.state}
        return replace(step.batch, cursor=cursor, more=True, partial=True)
    del cursor[KEY]
    names = tuple(_PARTS)
    rest = names[names.index(at["part"]) + 1 :]
    return replace(step.batch, partial=True, **_next(source, cursor, rest))


def _next(source: SourceSpec, cursor: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The batch's cursor, and whether there is more: the first of these parts with work to do."""
    for name in names:
        if (state := _PARTS[name].first(source, cursor)) is not None:
            at = {"run": source.now, "part": name, "state": state}
            return {"cursor": {**cursor, KEY: at}, "more": True}
    return {"cursor": cursor, "more": False}
