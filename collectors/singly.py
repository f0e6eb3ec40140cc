"""Older posts looked at again one by one, where one answer alone does not prove that one is gone.

Sites show errors while they are mended or moved: only what is missing in two runs is taken back.
What was missed once stays due, so the next run looks again.

Cursor: `missing`, external ids of what was missed once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collectors.contract import Ask, Batch, Reply
from collectors.rounds import Part
from collectors.steps import State, Step
from models.domain.source import SourceSpec

MISSING = "missing"

Pair = tuple[str, str]
"""What a post is asked for by, and its external id."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an answer says of a post."""

    batch: Batch = field(default_factory=Batch)
    """What becomes of it; that it was looked at need not be said."""
    doubtful: bool = False
    """It holds only once it is said again."""


@dataclass(frozen=True, slots=True)
class Singly:
    """How posts of a kind are asked for one by one."""

    wanted: Callable[[SourceSpec, Mapping[str, Any]], Sequence[Pair]]
    """Those of the errands, with the source's cursor, that are asked for in this way."""
    ask_for: Callable[[SourceSpec, str], Ask]
    judge: Callable[[SourceSpec, Pair, Reply], Seen]

    @property
    def part(self) -> Part:
        """As a part of a round. State: `at`, how many are behind."""
        return Part(self._first, self._ask, self._read)

    def _first(self, source: SourceSpec, cursor: Mapping[str, Any]) -> State | None:
        return {"at": 0} if self.wanted(source, cursor) else None

    def _ask(self, source: SourceSpec, state: State) -> Ask:
        (key, _) = self.wanted(source, source.cursor)[state["at"]]
        return self.ask_for(source, key)

    def _read(self, source: SourceSpec, state: State, reply: Reply) -> Step:
        wanted, at = self.wanted(source, source.cursor), state["at"]
        _, external_id = wanted[at]
        seen = self.judge(source, wanted[at], reply)
        asked_for = {pair[1] for pair in wanted}
        missed = [known for known in source.cursor.get(MISSING, ()) if known in asked_for]
        following = {"at": at + 1} if at + 1 < len(wanted) else None
        if seen.doubtful and external_id not in missed:
            return Step(Batch(), following, {MISSING: [*missed, external_id]})
        left = [known for known in missed if known != external_id]
        return Step(replace(seen.batch, checked=(external_id,)), following, {MISSING: left})


def kept(source: SourceSpec) -> Mapping[str, Any]:
    """What the source's next cursor has to remember."""
    missed = source.cursor.get(MISSING)
    return {MISSING: missed} if missed else {}
