"""What comes by itself: WebSub subscriptions, and the inbox of deliveries and Webmentions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Key, PostId, ShortId


class SubscriptionTable(Base):
    """A source's subscription at a hub (https://www.w3.org/TR/websub/)."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "source_id"], ["sources.course_id", "sources.id"], ondelete="CASCADE"
        ),
        Index("uq_subscriptions_callback", "callback", unique=True),
        Index(None, "due_at"),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    callback: Mapped[str] = mapped_column(Key)
    """The unguessable end of the callback's address."""
    hub: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    """What deliveries are signed with, encrypted with the secret key."""
    state: Mapped[str] = mapped_column(String(16))
    """`asked`, `active`, `denied` or `ending`."""
    due_at: Mapped[datetime | None]
    """When the hub is asked (again); NULL: not any more."""
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    lease_until: Mapped[datetime | None]
    """How long the hub has promised to deliver."""
    delivered_at: Mapped[datetime | None]
    """When the last delivery with a good signature came."""


class InboxTable(Base):
    """What others sent and a collector has yet to work on: kept before it is acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "due_at"),)

    id: Mapped[str] = mapped_column(PostId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`websub` or `webmention`."""
    course_id: Mapped[int]
    source_id: Mapped[str | None] = mapped_column(ShortId)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
