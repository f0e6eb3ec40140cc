"""How far the walks to sources' older entries have come."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Key, ShortId


class BackfillTable(Base):
    """`models.domain.backfill.Walk`, one for each source that was looked back at."""

    __tablename__ = "backfills"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "source_id"], ["sources.course_id", "sources.id"], ondelete="CASCADE"
        ),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    rule_digest: Mapped[str] = mapped_column(Key)
    """Of what the course wanted: for other hashtags the walk begins anew."""
    since: Mapped[datetime]
    place: Mapped[dict[str, Any]]
    left_out: Mapped[dict[str, Any] | None]
    seen: Mapped[list[Any]]
    done: Mapped[bool]
    pages: Mapped[int]
    new: Mapped[int]
    oldest: Mapped[datetime | None]
    updated_at: Mapped[datetime]
