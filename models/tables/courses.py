"""Courses, their weeks, events and curated links, and the log of visible changes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import WITHOUT_ROWID, Base, PostId


class CourseTable(Base):
    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(Text)
    hashtags: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(16))
    timezone: Mapped[str] = mapped_column(String(64))
    homepage: Mapped[str | None] = mapped_column(Text)
    imprint: Mapped[str | None] = mapped_column(Text)
    privacy: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[str] = mapped_column(String(16))
    show: Mapped[str] = mapped_column(String(16))
    moderation: Mapped[str] = mapped_column(String(16))
    index: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    """Counts visible changes: each changed post gets the next number, under this row's lock."""
    posts_numbered: Mapped[int] = mapped_column(BigInteger, default=0)
    """The highest `posts.number` given out."""
    posts_listed: Mapped[int] = mapped_column(BigInteger, default=0)
    """How many posts stand in the lists: counted along, as counting a million takes too long."""


class WeekTable(Base):
    __tablename__ = "weeks"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class EventTable(Base):
    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "week"], ["weeks.course_id", "weeks.number"], ondelete="CASCADE"
        ),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    week: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    url: Mapped[str | None] = mapped_column(Text)


class CuratedLinkTable(Base):
    __tablename__ = "curated_links"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "week"], ["weeks.course_id", "weeks.number"], ondelete="CASCADE"
        ),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    week: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)


class ChangeTable(Base):
    """One row for each visible change of a post; `revision` has neither gaps nor doubles."""

    __tablename__ = "changes"
    __table_args__ = (
        Index(None, "course_id", "post_id"),
        Index(
            "ix_changes_withdrawn",
            "course_id",
            "revision",
            sqlite_where=text("change = 'withdraw'"),
            postgresql_where=text("change = 'withdraw'"),
        ),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    change: Mapped[str] = mapped_column(String(8))
    """`post`, `change` or `withdraw`."""
    post_id: Mapped[str] = mapped_column(PostId)
    at: Mapped[datetime]
