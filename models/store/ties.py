"""Ties between the parts of posts, as they are kept, and how they are followed."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.domain.clusters import Tie
from models.store.bulk import insert_rows, update_rows
from models.store.chunks import chunks
from models.tables.ties import TieTable


def stronger(one: Tie | None, other: Tie) -> Tie:
    """Of two ties between the same parts the one that counts."""
    return other if one is None else min(one, other, key=lambda tie: (-tie.score, tie.gap))


def following(
    session: Session, course_id: int, seeds: Collection[str]
) -> dict[tuple[str, str], Tie]:
    """All kept ties of the parts that can be reached from these, by their ends in order."""
    found: dict[tuple[str, str], Tie] = {}
    for part in chunks(seeds):
        reached = (
            select(TieTable.own_id.label("id"))
            .where(TieTable.course_id == course_id, TieTable.own_id.in_(part))
            .cte("reached", recursive=True)
        )
        step = aliased(TieTable)
        reached = reached.union(
            select(step.other_id).where(step.course_id == course_id, step.own_id == reached.c.id)
        )
        rows = session.execute(
            select(TieTable.own_id, TieTable.other_id, TieTable.score, TieTable.gap).where(
                TieTable.course_id == course_id,
                TieTable.own_id.in_(select(reached.c.id)),
                TieTable.own_id < TieTable.other_id,
            )
        )
        for row in rows:
            found[row.own_id, row.other_id] = Tie(row.own_id, row.other_id, row.score, row.gap)
    return found


def keep(
    session: Session, course_id: int, new: Iterable[Tie], kept: Mapping[tuple[str, str], Tie]
) -> dict[tuple[str, str], Tie]:
    """Writes ties that are new or stronger than before; returns all, kept and new."""
    together = dict(kept)
    for tie in new:
        ends = min(tie.one, tie.other), max(tie.one, tie.other)
        together[ends] = stronger(together.get(ends), Tie(*ends, tie.score, tie.gap))
    fresh = [tie for ends, tie in together.items() if ends not in kept]
    raised = [tie for ends, tie in together.items() if ends in kept and kept[ends] != tie]
    insert_rows(session, TieTable, list(_rows(course_id, fresh)))
    update_rows(session, TieTable, list(_rows(course_id, raised)))
    return together


def _rows(course_id: int, ties: Iterable[Tie]) -> Iterator[dict[str, object]]:
    """Both directions, so that ties are followed along one index."""
    for tie in ties:
        for one, other in ((tie.one, tie.other), (tie.other, tie.one)):
            yield {
                "course_id": course_id,
                "own_id": one,
                "other_id": other,
                "score": tie.score,
                "gap": tie.gap,
            }
