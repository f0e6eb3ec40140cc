"""Who subscribed to our feeds at our hub, and what was asked of it and is yet to be verified."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Key


class SubscriberTable(Base):
    """A verified subscription (https://www.w3.org/TR/websub/)."""

    __tablename__ = "subscribers"
    __table_args__ = (Index(None, "course_id", "revision"), Index(None, "host"))

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(Key, primary_key=True)
    """Digest of topic and callback, which together are the subscription's identity."""
    topic: Mapped[str] = mapped_column(Text)
    callback: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    """The callback's `host_key`."""
    secret: Mapped[str | None] = mapped_column(Text)
    """What deliveries are signed with, encrypted with the secret key."""
    lease_until: Mapped[datetime]
    revision: Mapped[int] = mapped_column(BigInteger)
    """The course's revision that the subscriber was told of last."""
    digest: Mapped[str | None] = mapped_column(Key)
    """Of the document that was delivered last."""
    due_at: Mapped[datetime]
    """Before this nothing is delivered: another process does, or it failed, or just succeeded."""
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Deliveries that failed, one after another."""


class IntentTable(Base):
    """A request to the hub: its sender has to say once more that it was meant."""

    __tablename__ = "intents"
    __table_args__ = (Index(None, "due_at"), Index(None, "host"))

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(Key, primary_key=True)
    """As in `subscribers`: a later request takes the place of an earlier one."""
    mode: Mapped[str] = mapped_column(String(16))
    """`subscribe`, `unsubscribe`, or `denied`: only to be told."""
    topic: Mapped[str] = mapped_column(Text)
    callback: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    secret: Mapped[str | None] = mapped_column(Text)
    lease_seconds: Mapped[int]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
