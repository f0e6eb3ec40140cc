"""Browsers that are logged in. A session slides with its use, up to an absolute end."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models.domain.access import NOTED_AFTER, expires_at, kept_of
from models.tables.users import SessionTable


@dataclass(frozen=True, slots=True)
class Login:
    """A session that is not over."""

    hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime

    def is_noted(self, now: datetime) -> bool:
        """Whether this use need not be written down: one of just now was."""
        return now - self.seen_at < NOTED_AFTER


def begin(session: Session, user_id: str, secret: str, now: datetime) -> None:
    """A new one. `secret` is what the browser gets; it is not kept."""
    session.execute(
        insert(SessionTable).values(
            hash=kept_of(secret),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=expires_at(now, now),
        )
    )


def find(session: Session, secret: str, now: datetime) -> Login | None:
    """The session that this secret names, unless it is over."""
    row = session.execute(
        select(
            SessionTable.hash,
            SessionTable.user_id,
            SessionTable.created_at,
            SessionTable.seen_at,
        ).where(SessionTable.hash == kept_of(secret), SessionTable.expires_at > now)
    ).first()
    return None if row is None else Login(*row)


def note_use(session: Session, login: Login, now: datetime) -> None:
    """It goes on from now. One that was ended meanwhile stays so."""
    session.execute(
        update(SessionTable)
        .where(SessionTable.hash == login.hash)
        .values(seen_at=now, expires_at=expires_at(login.created_at, now))
    )


def end(session: Session, secret: str) -> None:
    """It is over, if there is one."""
    session.execute(delete(SessionTable).where(SessionTable.hash == kept_of(secret)))


def end_all(session: Session, user_id: str) -> None:
    """All of a user."""
    session.execute(delete(SessionTable).where(SessionTable.user_id == user_id))


def prune(session: Session, now: datetime) -> None:
    """Deletes those that are over."""
    session.execute(delete(SessionTable).where(SessionTable.expires_at <= now))
