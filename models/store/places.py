"""Where sightings stand: likeness never joins two entries of one place."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.post import Kind
from models.tables.sources import SourceTable


def places(source_id: str, parents: Mapping[str, str], kind: str, author_key: str) -> set[str]:
    """Where two entries are two posts, however much they are alike.

    A source and those it leads to are one place; so is the account of a status, which several
    instances may show parts of.
    """
    found = {parents.get(source_id, source_id)}
    return found | {f"account {author_key}"} if kind == Kind.STATUS.value else found


def parents(session: Session, course_id: int) -> dict[str, str]:
    """Source -> the source that leads to it, for those that have one."""
    rows = session.execute(
        select(SourceTable.id, SourceTable.parent_id).where(
            SourceTable.course_id == course_id, SourceTable.parent_id.is_not(None)
        )
    )
    return {row.id: row.parent_id for row in rows if row.parent_id is not None}
