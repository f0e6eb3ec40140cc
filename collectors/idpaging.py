"""Through a timeline by ids, newest first: down to its start, then up from the newest.

Ids are opaque: sorted by length, then by text. The cursor's part: `newest` and `oldest` id seen;
`complete` once the start was reached; within a run `down` while going down, `run` items read.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def advance(
    before: Mapping[str, Any], ids: Sequence[str], *, reached: bool, most: int
) -> tuple[Mapping[str, Any], bool]:
    """The next cursor after a page with these ids, and whether to ask again in this run.

    `reached`: the page goes back to where the collection starts; a run reads `most` items. It asks
    again only where the page brought it further: a server that ignores `min_id` or `max_id` would
    repeat one page for ever.
    """
    known = [before[key] for key in ("newest", "oldest") if key in before]
    seen = sorted([*ids, *known], key=order)
    if not seen:
        return {}, False
    descending = not known or bool(before.get("down"))
    lower = seen[0] != before.get("oldest")
    climbing = not descending and seen[-1] != before["newest"]
    complete = bool(before.get("complete")) or (descending and (reached or not lower))
    cursor = {"newest": seen[-1], "oldest": seen[0], "complete": complete}
    run = before.get("run", 0) + len(ids)
    if run >= most or (complete and not climbing):
        return cursor, False
    return {**cursor, "run": run, "down": not climbing}, True


def order(id_: str) -> tuple[int, str]:
    """Sorts ids by age."""
    return len(id_), id_
