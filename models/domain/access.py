"""Who may do what: roles, what an API token is good for, and the secrets that name a login.

Sessions and tokens are 256 random bits. The database keeps their SHA-256 only: bits like these
cannot be guessed from it, so a slow hash would add nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe

IDLE = timedelta(days=7)
"""After this long without a request a session is over."""
ABSOLUTE = timedelta(days=30)
"""After this long it is over anyway."""
NOTED_AFTER = timedelta(minutes=5)
"""Uses of a session or a token within this time are written down once."""
TOKEN_PREFIX = "moocfeed_"  # noqa: S105 - by which scanners recognise a token that leaked
"""Of API tokens."""


class Role(StrEnum):
    """What a user may do."""

    ADMIN = "admin"
    """Everything, in all courses."""
    FACILITATOR = "facilitator"
    """Everything in courses of theirs."""


class TokenScope(StrEnum):
    """What an API token may do of what its user may."""

    READ = "read"
    WRITE = "write"
    """Read and change."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    id: str
    email: str
    """Folded."""
    name: str
    role: Role
    courses: frozenset[str]
    """Slugs of a facilitator's courses; empty for admins, whose courses are all."""


def may_facilitate(user: User, slug: str) -> bool:
    """Whether they may see and change what only the course's facilitators may."""
    return user.role is Role.ADMIN or slug in user.courses


def new_session_secret() -> str:
    """What a browser keeps."""
    return token_urlsafe(32)


def new_api_token() -> str:
    """What a program keeps."""
    return TOKEN_PREFIX + token_urlsafe(32)


def kept_of(secret: str) -> str:
    """What the database keeps of a session's secret or a token: 64 hex digits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def expires_at(created_at: datetime, now: datetime) -> datetime:
    """When a session that is used now ends, if it is not used again."""
    return min(now + IDLE, created_at + ABSOLUTE)
