"""How a timeline is walked by ids alone: what to ask next, and what an answer means for that.

From the newest known id it goes up (`min_id`), at first and for what is still missing down to the
course's start (`max_id`). Some servers take `min_id` for `since_id` and show the newest statuses
above it instead of the next ones: after a full answer that could be so, the gap below it is looked
into. Ids are opaque texts, sorted by length, then by text.

Cursor: `newest` and `oldest` ids seen; `since`, how far back it was read, once that was done;
`down` while paging down; `gap`, two ids between which statuses may be missing; `run`, statuses of
this run.
"""

from collections.abc import Mapping, Sequence
from typing import Any

RUN = 2000
"""Statuses of one run; the rest follows in the next ones."""
FULL = 20
"""An answer with this many statuses may have left some out; servers show 20 or 40 at once."""

Cursor = Mapping[str, Any]
KEYS = frozenset({"newest", "oldest", "since", "down", "gap", "run"})


def order(id_: str) -> tuple[int, str]:
    """Sorts ids by age."""
    return len(id_), id_


def bounds(cursor: Cursor) -> list[tuple[str, str]]:
    """What limits the next request: a query parameter and an id, or nothing."""
    if gap := cursor.get("gap"):
        return [("max_id", gap[0])]
    if cursor.get("down"):
        return [("max_id", cursor["oldest"])]
    return [("min_id", cursor["newest"])] if "newest" in cursor else []


def falls_short(cursor: Cursor, since: float | None) -> bool:
    """Whether the way down ended at a later start of the course than it has now: what lay before
    that was left out, and has to be read after all.
    """
    reached = cursor.get("since")
    return reached is not None and (since is None or since < reached)


def advance(
    before: Cursor, ids: Sequence[str], *, since: float | None, all_early: bool
) -> tuple[dict[str, Any], bool]:
    """The cursor after an answer with these ids, and whether to ask again at once.

    `since` is the course's start (Unix time), `all_early` whether every status of the answer lies
    before it. It asks again only where the answer brought it further: a server that ignores the
    bounds would repeat one page for ever.
    """
    walk = _Walk(before, sorted(ids, key=order), since, all_early)
    walk.step()
    return walk.result()


class _Walk:
    """One step of the way."""

    def __init__(
        self, before: Cursor, ids: Sequence[str], since: float | None, all_early: bool
    ) -> None:
        self.cursor = {key: value for key, value in before.items() if key in KEYS}
        self.cursor["run"] = before.get("run", 0) + len(ids)
        self.ids = ids
        self.since = since
        self.all_early = all_early
        self.more = False

    def step(self) -> None:
        if self.cursor.get("gap"):
            self._fill()
        elif self.cursor.get("down") or "newest" not in self.cursor:
            self._descend()
        else:
            self._climb()

    def result(self) -> tuple[dict[str, Any], bool]:
        if not self.more and "newest" in self.cursor and "since" not in self.cursor:
            self.cursor["down"] = self.more = True
        if self.cursor["run"] >= RUN or not self.more:
            self._rest()
        return self.cursor, self.more

    def _rest(self) -> None:
        """Ends the run; the next one looks into a gap first, then at what is new."""
        self.more = False
        self.cursor["run"] = 0
        self.cursor.pop("down", None)

    def _descend(self) -> None:
        oldest = self.cursor.get("oldest")
        if self.ids and (oldest is None or order(self.ids[0]) < order(oldest)):
            self.cursor["oldest"] = self.ids[0]
            self.cursor.setdefault("newest", self.ids[-1])
            if self.all_early:
                self.cursor["since"] = self.since
        elif oldest is not None:
            self.cursor["since"] = None  # there is no more

    def _climb(self) -> None:
        floor = self.cursor["newest"]
        new = [id_ for id_ in self.ids if order(id_) > order(floor)]
        if new:
            self.cursor["newest"] = new[-1]
            self.more = True
        if len(new) >= FULL and len(new) == len(self.ids):
            self.cursor["gap"] = [new[0], floor]

    def _fill(self) -> None:
        low, floor = self.cursor["gap"]
        between = [id_ for id_ in self.ids if order(floor) < order(id_) < order(low)]
        if between and order(self.ids[0]) > order(floor):
            self.cursor["gap"] = [between[0], floor]
        else:
            del self.cursor["gap"]
        self.more = True
