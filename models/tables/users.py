"""Who may log in: users, their courses, sessions and API tokens, and tries to log in.

A user is of no course, so these keys do not begin with one; they are few rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, ShortId

Hash = String(64)
"""64 hex digits."""


class UserTable(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    """Folded."""
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))
    """`admin` or `facilitator`."""
    password: Mapped[str] = mapped_column(Text)
    """Its hash with salt and parameters."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class FacilitatorTable(Base):
    """Which courses a facilitator has; admins have all without a row."""

    __tablename__ = "facilitators"
    __table_args__ = (Index(None, "user_id"),)

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )


class SessionTable(Base):
    """A browser that is logged in."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    hash: Mapped[str] = mapped_column(Hash, primary_key=True)
    """Of the secret in the cookie."""
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiTokenTable(Base):
    """A key by which a program acts for a user."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    hash: Mapped[str] = mapped_column(Hash, unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    """What it is used for, in its owner's words."""
    scope: Mapped[str] = mapped_column(String(16))
    """`read` or `write`."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginTriesTable(Base):
    """The latest tries for one user name, or from one address."""

    __tablename__ = "login_tries"
    __table_args__ = (Index(None, "until"),)

    key: Mapped[str] = mapped_column(Hash, primary_key=True)
    """A keyed hash: neither addresses nor what people type as their name are kept."""
    tries: Mapped[list[Any]]
    """Seconds since the epoch, oldest first, those that still count."""
    until: Mapped[datetime]
    """After this none of them counts."""
