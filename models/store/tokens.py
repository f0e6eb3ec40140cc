"""API tokens: keys by which a program acts for a user."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.orm import Session

from models.domain.access import NOTED_AFTER, TokenScope, kept_of
from models.domain.errors import Conflict, NotFound
from models.store import users
from models.store.ids import new_short_id
from models.tables.users import ApiTokenTable, UserTable


@dataclass(frozen=True, slots=True)
class Token:
    """A token without what it is in itself: nobody can read that."""

    id: str
    user_id: str
    email: str
    """Its user's."""
    name: str
    scope: TokenScope
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def is_noted(self, now: datetime) -> bool:
        """Whether this use need not be written down: one of just now was."""
        return self.used_at is not None and now - self.used_at < NOTED_AFTER


def create(
    session: Session, *, email: str, name: str, scope: TokenScope, secret: str, now: datetime
) -> str:
    """The new token's id; `secret` is the token, which is not kept. Raises `NotFound`, and
    `Conflict` where the user is disabled.
    """
    account = users.get(session, email)
    if account.disabled_at is not None:
        raise Conflict(
            f"{account.user.email} is disabled: `moocfeed user enable {account.user.email}` first"
        )
    token_id = new_short_id()
    session.execute(
        insert(ApiTokenTable).values(
            id=token_id,
            hash=kept_of(secret),
            user_id=account.user.id,
            name=name,
            scope=scope.value,
            created_at=now,
            used_at=None,
            revoked_at=None,
        )
    )
    return token_id


def find(session: Session, secret: str) -> Token | None:
    """The token that this is, unless it was revoked."""
    row = session.execute(
        _tokens().where(ApiTokenTable.hash == kept_of(secret), ApiTokenTable.revoked_at.is_(None))
    ).first()
    return None if row is None else _token(row)


def listing(session: Session) -> tuple[Token, ...]:
    """All, revoked ones too, by user and age."""
    rows = session.execute(
        _tokens().order_by(UserTable.email, ApiTokenTable.created_at, ApiTokenTable.id)
    )
    return tuple(_token(row) for row in rows)


def note_use(session: Session, token: Token, now: datetime) -> None:
    """It was used just now."""
    session.execute(update(ApiTokenTable).where(ApiTokenTable.id == token.id).values(used_at=now))


def revoke(session: Session, token_id: str, now: datetime) -> bool:
    """It is good for nothing any more. False where it was so. Raises `NotFound`."""
    row = session.execute(_tokens().where(ApiTokenTable.id == token_id)).first()
    if row is None:
        raise NotFound(f"there is no token {token_id!r}: `moocfeed token list` shows all")
    if row.revoked_at is not None:
        return False
    session.execute(
        update(ApiTokenTable).where(ApiTokenTable.id == token_id).values(revoked_at=now)
    )
    return True


def _tokens() -> Select[*tuple[Any, ...]]:
    return select(
        ApiTokenTable.id,
        ApiTokenTable.user_id,
        UserTable.email,
        ApiTokenTable.name,
        ApiTokenTable.scope,
        ApiTokenTable.created_at,
        ApiTokenTable.used_at,
        ApiTokenTable.revoked_at,
    ).join(UserTable, UserTable.id == ApiTokenTable.user_id)


def _token(row: "Row[*tuple[Any, ...]]") -> Token:
    return Token(**{**row._asdict(), "scope": TokenScope(row.scope)})
