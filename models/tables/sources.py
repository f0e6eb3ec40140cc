"""Sources, the hosts they live on, and what became of each fetch."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import WITHOUT_ROWID, Base, Key, ShortId


class HostTable(Base):
    """A host is what collectors lease: one request at a time, however many sources it serves.

    Not split by course: politeness knows no courses.
    """

    __tablename__ = "hosts"
    __table_args__ = (Index(None, "due_at"),)

    host: Mapped[str] = mapped_column(String(260), primary_key=True)
    """Name, or `name:port` where the port is not the scheme's own."""
    due_at: Mapped[datetime | None]
    """The earliest `due_at` of its active sources; NULL where it has none."""
    not_before: Mapped[datetime | None]
    """Set by `Retry-After` and rate limits: no request to this host earlier."""
    lease_token: Mapped[str | None] = mapped_column(Key)
    lease_until: Mapped[datetime | None]


class SourceTable(Base):
    __tablename__ = "sources"
    __table_args__ = (
        Index("uq_sources_course_id_kind_url_key", "course_id", "kind", "url_key", unique=True),
        Index(None, "host", "due_at"),
        Index(
            None,
            "course_id",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
    )

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    url: Mapped[str] = mapped_column(Text)
    """As registered, or where it moved to for good."""
    url_key: Mapped[str] = mapped_column(Key)
    """Digest of the canonical `url`: a source is registered once."""
    title: Mapped[str | None] = mapped_column(Text)
    homepage: Mapped[str | None] = mapped_column(Text)
    participant_id: Mapped[str | None] = mapped_column(ShortId)
    match: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]]
    parent_id: Mapped[str | None] = mapped_column(ShortId)
    """The source it was derived from (a tag feed, a post's comments): it shares that one's fate."""
    secret: Mapped[str | None] = mapped_column(Text)
    """A token or password, encrypted with the secret key (`app.secrets`); never shown or logged."""
    from_file: Mapped[bool]
    """Named by the course file, which therefore may pause it."""
    state: Mapped[str] = mapped_column(String(16))
    state_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    host: Mapped[str] = mapped_column(ForeignKey("hosts.host"))
    """Where the next request goes."""
    due_at: Mapped[datetime | None]
    """NULL unless the source is active."""
    cursor: Mapped[dict[str, Any]]
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    body_digest: Mapped[str | None] = mapped_column(Key)
    rule_digest: Mapped[str | None] = mapped_column(Key)
    """Of the rule the last answer was read by: a changed rule reads everything anew."""
    moving_to: Mapped[str | None] = mapped_column(Text)
    """Where permanent redirects lead; taken over when seen three times running."""
    moves_seen: Mapped[int] = mapped_column(default=0)
    hints: Mapped[dict[str, Any]]
    failures: Mapped[int] = mapped_column(default=0)
    """Running failures; 0 after a success."""
    failing_since: Mapped[datetime | None]
    last_fetch_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(String(32))
    interval: Mapped[float | None]
    """Seconds between the last poll and the next, before jitter."""
    delays: Mapped[list[Any]]
    """How long its posts took from published to stored (`models.domain.delays`)."""
    pushed_until: Mapped[datetime | None]
    """Until when what is new is expected to come by itself: it is polled daily meanwhile."""
    live_token: Mapped[str | None] = mapped_column(Key)
    """The lease of the one collector that holds its stream open."""
    live_until: Mapped[datetime | None]
    live_since: Mapped[datetime | None]
    """Since when its stream has been up without a gap; NULL while it is down."""
    live_error: Mapped[str | None] = mapped_column(String(32))
    """Why its stream is refused (`wants-token`), though it may be polled; NULL: it is not."""


class FetchTable(Base):
    """The history of a source's fetches, newest kept, old ones pruned."""

    __tablename__ = "fetches"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "source_id"], ["sources.course_id", "sources.id"], ondelete="CASCADE"
        ),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    """`fetched`, `unchanged` or `failed`."""
    status: Mapped[int | None]
    """HTTP status, or NULL where no answer came."""
    milliseconds: Mapped[int]
    bytes: Mapped[int]
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
