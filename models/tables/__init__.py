"""SQLAlchemy tables, one noun a file. Importing this package fills `Base.metadata`."""

from models.tables import (
    backfills,
    courses,
    erasures,
    people,
    posts,
    push,
    shares,
    sources,
    subscribers,
    ties,
    tombstones,
    users,
)
from models.tables.base import Base

__all__ = [
    "Base",
    "backfills",
    "courses",
    "erasures",
    "people",
    "posts",
    "push",
    "shares",
    "sources",
    "subscribers",
    "ties",
    "tombstones",
    "users",
]
