"""What must not be collected again: known by keyed hashes only."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base

KeyedHash = String(64)
"""64 hex digits: HMAC-SHA-256 under the secret key."""


class ErasureTable(Base):
    """A post that was erased from a course."""

    __tablename__ = "erasures"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[str] = mapped_column(KeyedHash, primary_key=True)
    """Of one of its identity keys."""
    at: Mapped[datetime]


class OptOutTable(Base):
    """A person who does not want to be collected, in whatever course."""

    __tablename__ = "opt_outs"

    hash: Mapped[str] = mapped_column(KeyedHash, primary_key=True)
    """Of one of their accounts' keys (`Author.key`)."""
    at: Mapped[datetime]
