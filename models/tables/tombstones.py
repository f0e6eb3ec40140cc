"""Statuses that a stream said were deleted."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, ShortId


class TombstoneTable(Base):
    """Kept for a while, whether the status is known or not: its deletion may have overtaken it."""

    __tablename__ = "tombstones"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "source_id"], ["sources.course_id", "sources.id"], ondelete="CASCADE"
        ),
        Index(None, "at"),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    remote_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    """What the instance calls it by."""
    at: Mapped[datetime]
    """When its deletion was heard of."""
