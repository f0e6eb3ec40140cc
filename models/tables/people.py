"""Participants and the accounts they write from."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Key, ShortId


class ParticipantTable(Base):
    __tablename__ = "participants"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    """`participant`, `facilitator` or `guest`."""
    consented_at: Mapped[datetime | None]
    """When the person agreed to be listed; NULL: not listed anywhere public."""
    created_at: Mapped[datetime]
    posts: Mapped[int] = mapped_column(BigInteger, default=0)
    """How many of theirs stand in the lists: counted along, like `courses.posts_listed`."""


class AccountTable(Base):
    """An account, blog or name under which a participant is known."""

    __tablename__ = "accounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "participant_id"],
            ["participants.course_id", "participants.id"],
            ondelete="CASCADE",
        ),
        Index(None, "course_id", "participant_id"),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    """Digest of `Author.key`."""
    participant_id: Mapped[str] = mapped_column(ShortId)
    kind: Mapped[str] = mapped_column(String(16))
    """`blog` or `fediverse`."""
    label: Mapped[str] = mapped_column(Text)
    """What a person would recognise: the address or `@user@host`."""
