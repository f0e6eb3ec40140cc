"""The declarative base: names of constraints, UTC times, and types that both databases share."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, MetaData, String, Table, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import DATETIME as SqliteDateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

# Names are given here so that a migration can drop a constraint on either database.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class _SqliteTime(SqliteDateTime):
    """As the driver has it: text. Every post has a dozen times, and the dialect's own way of
    writing and reading each costs ten times as much.
    """

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


@lru_cache(maxsize=4096)  # a post's row has a dozen times, and most of them are the same two
def _as_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. Naive values are refused; SQLite, which reads back naive, is mended."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteTime())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time is not stored: {value!r}")
        return _as_text(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


Json = JSON().with_variant(JSONB(), "postgresql")

Key = String(32)
"""32 hex digits: a 128-bit digest."""
ShortId = String(16)
"""Id of a source or a participant: short enough to be typed."""
PostId = String(36).with_variant(String(36, collation="C"), "postgresql")
"""UUIDv7 in its canonical spelling: sorts by the time it was made."""
WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""For narrow tables: SQLite keeps their rows in the primary key's tree, not in a second one."""


class Base(DeclarativeBase):
    """Base of all tables. Keys begin with `course_id`, so that tables can be split by course."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}


def rows_of(table: type[Base]) -> Table:
    """The table without its mapping: inserting many rows by it spares half of the work."""
    assert isinstance(table.__table__, Table)
    return table.__table__
