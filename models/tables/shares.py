"""Who links to what: counted along, as counting a million links takes too long."""

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import WITHOUT_ROWID, Base, Key


class ShareTable(Base):
    """A person who links to an address from visible posts."""

    __tablename__ = "shares"
    __table_args__ = (WITHOUT_ROWID,)

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    link_key: Mapped[str] = mapped_column(Key, primary_key=True)
    """As in `post_links`."""
    person_key: Mapped[str] = mapped_column(Key, primary_key=True)
    """As in `posts`."""
    posts: Mapped[int] = mapped_column(BigInteger)
    """Of that person, never 0."""


class SharedLinkTable(Base):
    """An address that visible posts link to: the sum of its rows in `shares`."""

    __tablename__ = "shared_links"
    __table_args__ = (
        Index(
            "ix_shared_links_most",
            *("course_id", "people", "posts", "link_key"),
            sqlite_where=text("people >= 2"),
            postgresql_where=text("people >= 2"),
        ),
        WITHOUT_ROWID,
    )

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    link_key: Mapped[str] = mapped_column(Key, primary_key=True)
    people: Mapped[int] = mapped_column(BigInteger)
    posts: Mapped[int] = mapped_column(BigInteger)
