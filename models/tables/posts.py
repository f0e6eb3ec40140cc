"""Posts: where they were seen, what they are called, tagged and linked with, whom they answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import WITHOUT_ROWID, Base, Key, PostId, ShortId


class PostTable(Base):
    """A post of a course: its state and what lists are filtered and sorted by.

    What it says stands in its sightings; `shown_source_id` and `shown_entry_key` name the best.
    """

    __tablename__ = "posts"
    __table_args__ = (
        # Each list is one of these, walked from a cursor: equality columns, then time, then id.
        Index(None, "course_id", "listed", "published_at", "id"),
        Index(None, "course_id", "kind", "visible", "published_at", "id"),
        Index(
            None,
            "course_id",
            "participant_id",
            "listed",
            "published_at",
            "id",
            sqlite_where=text("participant_id IS NOT NULL"),
            postgresql_where=text("participant_id IS NOT NULL"),
        ),
        Index(
            None,
            "course_id",
            "reply_key",
            sqlite_where=text("reply_key IS NOT NULL"),
            postgresql_where=text("reply_key IS NOT NULL"),
        ),
        Index(None, "course_id", "language", "listed", "published_at", "id"),
        # Its last two columns are no order: they tell what is in a list without a look at the row.
        Index(
            "ix_posts_discussed",
            *("course_id", "visible", "responses", "published_at", "id", "listed", "kind"),
        ),
        # People are counted by leaping from one key to the next.
        Index(
            "ix_posts_people",
            "course_id",
            "person_key",
            sqlite_where=text("visible = 1"),
            postgresql_where=text("visible"),
        ),
        Index(
            None,
            "course_id",
            "announces_id",
            sqlite_where=text("announces_id IS NOT NULL"),
            postgresql_where=text("announces_id IS NOT NULL"),
        ),
        Index(
            None,
            "course_id",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index("uq_posts_course_id_number", "course_id", "number", unique=True),
    )

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column(PostId, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    """Counts within the course; names the post's row in SQLite's full-text index."""
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(16))
    published_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    first_seen_at: Mapped[datetime]
    person_key: Mapped[str] = mapped_column(Key)
    """Digest of who wrote it: the participant, else the author's key."""
    participant_id: Mapped[str | None] = mapped_column(ShortId)
    reply_key: Mapped[str | None] = mapped_column(Key)
    """Identity key of the post it answers, whether that one is known or not."""
    responses: Mapped[int] = mapped_column(default=0)
    """Visible posts that reply to it, or link to it and are another person's."""
    announces_id: Mapped[str | None] = mapped_column(PostId)
    """The post of the same person that this one only announces: it stands under that one."""
    merged_into: Mapped[str | None] = mapped_column(PostId)
    """The post that this one turned out to be: its sightings and identities are there now."""
    apart: Mapped[bool] = mapped_column(default=False)
    """A person split it from another: it is never merged again."""
    revision: Mapped[int] = mapped_column(BigInteger)
    """The course's revision at its last visible change."""
    shown_source_id: Mapped[str | None] = mapped_column(ShortId)
    shown_entry_key: Mapped[str | None] = mapped_column(Key)

    visible: Mapped[bool]
    """`visibility.placement` of the columns below: never set by hand."""
    listed: Mapped[bool]
    """Visible, and stands in the lists of its own right: not a comment, not an untagged reply."""
    pinned: Mapped[bool] = mapped_column(default=False)
    held: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class SightingTable(Base):
    """A post as one source shows it, or an entry of that source that is not the course's.

    `post_id` is NULL where the entry did not match; then only what explains it is kept.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "source_id"], ["sources.course_id", "sources.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["course_id", "post_id"], ["posts.course_id", "posts.id"], ondelete="CASCADE"
        ),
        Index(None, "course_id", "post_id"),
        Index(None, "course_id", "source_id", "listed", "published_at", "post_id"),
        Index(
            None,
            "course_id",
            "source_id",
            "check_at",
            sqlite_where=text("check_at IS NOT NULL"),
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        # What one person published within a few days: likeness is looked for among it.
        Index(
            None,
            "course_id",
            "person_key",
            "stated_at",
            sqlite_where=text("text_length >= 200"),
            postgresql_where=text("text_length >= 200"),
        ),
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source_id: Mapped[str] = mapped_column(ShortId, primary_key=True)
    entry_key: Mapped[str] = mapped_column(Key, primary_key=True)
    external_id: Mapped[str] = mapped_column(Text)
    post_id: Mapped[str | None] = mapped_column(PostId)
    own_id: Mapped[str | None] = mapped_column(PostId)
    """The part of the post it belongs to: the post it was taken for when it came. Differs from
    `post_id` while that one is merged into another."""
    digest: Mapped[str] = mapped_column(Key)
    state: Mapped[str] = mapped_column(String(16))
    """`models.domain.decide.SightingState`."""
    reason: Mapped[str | None] = mapped_column(String(32))
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When this content was read; not touched by answers that repeat it."""

    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    content_html: Mapped[str | None] = mapped_column(Text)
    excerpt: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(16))
    published_at: Mapped[datetime | None]
    """The post's own time, copied from `posts`, so that a source's list can be walked by it."""
    listed: Mapped[bool] = mapped_column(default=False)
    """Copied from `posts` where the sighting is live, likewise."""
    stated_at: Mapped[datetime | None]
    """The time this source gives."""
    dated: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime | None]
    from_origin: Mapped[bool] = mapped_column(default=False)
    author_name: Mapped[str | None] = mapped_column(Text)
    author_url: Mapped[str | None] = mapped_column(Text)
    author_handle: Mapped[str | None] = mapped_column(Text)
    author_avatar_url: Mapped[str | None] = mapped_column(Text)
    author_key: Mapped[str | None] = mapped_column(Text)
    person_key: Mapped[str | None] = mapped_column(Key)
    """As in `posts`, of this sighting alone."""
    participant_id: Mapped[str | None] = mapped_column(ShortId)
    hashtags: Mapped[list[Any]]
    links: Mapped[list[Any]]
    media: Mapped[list[Any]]
    mentions: Mapped[list[Any]]
    in_reply_to: Mapped[str | None] = mapped_column(Text)
    reply_key: Mapped[str | None] = mapped_column(Key)
    """As in `posts`: an instance's own id of the post answered is in no address."""
    text_length: Mapped[int] = mapped_column(default=0)
    """Characters of its visible text; 0: not to be compared with others."""
    sensitive: Mapped[bool] = mapped_column(default=False)
    content_warning: Mapped[str | None] = mapped_column(Text)
    boosts: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    """As the source counts; neither changes a revision."""
    remote_id: Mapped[str | None] = mapped_column(String(100))
    """What the instance calls it by: it can be asked for by this id again."""
    check_at: Mapped[datetime | None]
    """When the source is asked whether it is still there; NULL: not again."""
    checks: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often it was asked so far."""
    answers_at: Mapped[datetime | None]
    """When its replies were read last."""
    profile: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Version of the sanitiser's profile that `content_html` was made by."""


class IdentityTable(Base):
    """What a post is known by: digests of its uid, canonical addresses, id on an instance."""

    __tablename__ = "identities"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "post_id"], ["posts.course_id", "posts.id"], ondelete="CASCADE"
        ),
        Index(None, "course_id", "post_id"),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    post_id: Mapped[str] = mapped_column(PostId)
    own_id: Mapped[str] = mapped_column(PostId)
    """As in `sightings`: the part of the post it names."""


class TagTable(Base):
    """A hashtag of a post, with the post's time, so that a tag's list can be walked by it."""

    __tablename__ = "post_tags"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "post_id"], ["posts.course_id", "posts.id"], ondelete="CASCADE"
        ),
        Index(None, "course_id", "tag", "listed", "published_at", "post_id"),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[str] = mapped_column(PostId, primary_key=True)
    tag: Mapped[str] = mapped_column(String(200), primary_key=True)
    """`hashtags.match_key`: folded and stripped of diacritics."""
    published_at: Mapped[datetime]
    listed: Mapped[bool]


class LinkTable(Base):
    """An address a post links to."""

    __tablename__ = "post_links"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "post_id"], ["posts.course_id", "posts.id"], ondelete="CASCADE"
        ),
        Index(None, "course_id", "link_key", "post_id"),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[str] = mapped_column(PostId, primary_key=True)
    link_key: Mapped[str] = mapped_column(Key, primary_key=True)
    """Digest of the canonical address: the identity key of the post that lives there, if any."""
    url: Mapped[str] = mapped_column(Text)


class EdgeTable(Base):
    """From a post to one it answers or links, or to a person it names.

    Replies and links stand here once their target is known; until then `posts.reply_key` and
    `post_links.link_key` wait for it.
    """

    __tablename__ = "edges"
    __table_args__ = (
        ForeignKeyConstraint(
            ["course_id", "post_id"], ["posts.course_id", "posts.id"], ondelete="CASCADE"
        ),
        Index(None, "course_id", "target_key", "kind", "post_id"),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[str] = mapped_column(PostId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """`reply`, `mention` or `link`."""
    target_key: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A post's id; for a mention, the digest of the profile's address."""
