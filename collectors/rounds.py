"""What a run looks after once what is new is read, one part after another.

A run that is cut short leaves the rest to the next ones: what was not looked at stays due.

Cursor: `round`, while a run is at it: `run`, the moment the run began, `part`, `state`, the part's
own, and `partial`, as the answer with what is new was; and what the parts have learned.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collectors.contract import Ask, Batch, Reply
from collectors.steps import State, Step
from models.domain.source import SourceSpec

KEY = "round"


@dataclass(frozen=True, slots=True)
class Part:
    """`first`: where it begins, or None where there is nothing to do."""

    first: Callable[[SourceSpec, Mapping[str, Any]], State | None]
    ask: Callable[[SourceSpec, State], Ask]
    read: Callable[[SourceSpec, State, Reply], Step]


def state_of(source: SourceSpec) -> Mapping[str, Any] | None:
    """The round of this run, once it has begun; what another run left unfinished is nobody's."""
    found: Mapping[str, Any] | None = source.cursor.get(KEY)
    return found if found is not None and found["run"] == source.now else None


class Rounds:
    """The parts that sources of one kind look after, by name and in this order."""

    def __init__(self, **parts: Part) -> None:
        self._parts = parts

    def begin(self, source: SourceSpec, batch: Batch) -> Batch:
        """The answer with what is new; after the last, the round follows."""
        if batch.more:
            return batch
        names = tuple(self._parts)
        return replace(batch, **self._next(source, batch.cursor, names, partial=batch.partial))

    def ask(self, source: SourceSpec, at: Mapping[str, Any]) -> Ask:
        """The request of the part the round is at."""
        return self._parts[at["part"]].ask(source, at["state"])

    def parse(self, source: SourceSpec, at: Mapping[str, Any], reply: Reply) -> Batch:
        """Reads the answer to it."""
        step = self._parts[at["part"]].read(source, at["state"], reply)
        cursor = {**source.cursor, **step.learned}
        if step.state is not None:
            cursor[KEY] = {**at, "state": step.state}
            return replace(step.batch, cursor=cursor, more=True, partial=at["partial"])
        del cursor[KEY]
        names = tuple(self._parts)
        rest = names[names.index(at["part"]) + 1 :]
        following = self._next(source, cursor, rest, partial=at["partial"])
        return replace(step.batch, partial=at["partial"], **following)

    def _next(
        self,
        source: SourceSpec,
        cursor: Mapping[str, Any],
        names: tuple[str, ...],
        *,
        partial: bool,
    ) -> dict[str, Any]:
        """The batch's cursor, and whether there is more: the first part with work to do."""
        for name in names:
            if (state := self._parts[name].first(source, cursor)) is not None:
                at = {"run": source.now, "part": name, "state": state, "partial": partial}
                return {"cursor": {**cursor, KEY: at}, "more": True}
        return {"cursor": cursor, "more": False}
