"""What makes one post of several parts."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, PostId


class TieTable(Base):
    """Two parts that are the same post (`clusters.Tie`); each stands here in both directions.

    A part that never was a post of its own has no row in `posts`.
    """

    __tablename__ = "ties"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    own_id: Mapped[str] = mapped_column(PostId, primary_key=True)
    other_id: Mapped[str] = mapped_column(PostId, primary_key=True)
    score: Mapped[float]
    """2: they share an identity key; else how much of their texts they have in common."""
    gap: Mapped[int]
    """Seconds between their publications."""
