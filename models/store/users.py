"""Users: who may log in, and which courses they have."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.domain import emails
from models.domain.access import Role, User
from models.domain.errors import Conflict, Invalid, NotFound
from models.store import courses, sessions
from models.store.ids import new_short_id
from models.tables.courses import CourseTable
from models.tables.users import FacilitatorTable, UserTable


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and what only the login needs to know."""

    user: User
    password: str
    """Its hash."""
    created_at: datetime
    disabled_at: datetime | None


def add(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    slugs: Collection[str],
    now: datetime,
) -> Account:
    """A new user; `password` is its hash. Raises `Invalid`, `Conflict` where there is one with
    this address, `NotFound` where there is no such course.
    """
    folded = emails.fold(email)
    try:
        with session.begin_nested():
            session.execute(
                insert(UserTable).values(
                    id=new_short_id(),
                    email=folded,
                    name=name,
                    role=role.value,
                    password=password,
                    created_at=now,
                    disabled_at=None,
                )
            )
    except IntegrityError:
        raise Conflict(
            f"there is a user {folded} already: `moocfeed user list` shows all"
        ) from None
    if slugs:
        set_courses(session, folded, slugs)
    return get(session, folded)


def get(session: Session, email: str) -> Account:
    """By e-mail address. Raises `NotFound`, or `Invalid` where it is no address."""
    folded = emails.fold(email)
    account = find(session, folded)
    if account is None:
        raise NotFound(f"there is no user {folded}: `moocfeed user list` shows all")
    return account


def find(session: Session, folded: str) -> Account | None:
    """By the folded e-mail address."""
    row = session.execute(select(*_COLUMNS).where(UserTable.email == folded)).first()
    return None if row is None else _account(row, _courses(session, row.id)[row.id])


def locked(session: Session, folded: str) -> Account | None:
    """The same; nobody disables them or changes their password until the transaction ends."""
    session.execute(select(UserTable.id).where(UserTable.email == folded).with_for_update())
    return find(session, folded)


def listing(session: Session) -> tuple[Account, ...]:
    """All users, by e-mail address."""
    slugs = _courses(session)
    rows = session.execute(select(*_COLUMNS).order_by(UserTable.email))
    return tuple(_account(row, slugs[row.id]) for row in rows)


def of_id(session: Session, user_id: str) -> User | None:
    """Somebody who may act; None where they are disabled, or not there."""
    row = session.execute(
        select(*_COLUMNS).where(UserTable.id == user_id, UserTable.disabled_at.is_(None))
    ).first()
    return None if row is None else _account(row, _courses(session, row.id)[row.id]).user


def set_courses(session: Session, email: str, slugs: Collection[str]) -> None:
    """These and no others are the facilitator's. Raises `NotFound`, and `Invalid` for admins."""
    user = get(session, email).user
    if user.role is Role.ADMIN:
        raise Invalid(f"{user.email} is an admin and has all courses", "course")
    ids = sorted({courses.plain_course(session, slug).id for slug in slugs})
    session.execute(delete(FacilitatorTable).where(FacilitatorTable.user_id == user.id))
    if ids:
        rows = [{"course_id": id_, "user_id": user.id} for id_ in ids]
        session.execute(insert(FacilitatorTable), rows)


def set_password(session: Session, email: str, password: str) -> None:
    """`password` is its hash. All sessions of the user are over. Raises `NotFound`."""
    user = get(session, email).user
    session.execute(update(UserTable).where(UserTable.id == user.id).values(password=password))
    sessions.end_all(session, user.id)


def renew_hash(session: Session, user_id: str, old: str, new: str) -> None:
    """Keeps the same password in another way, unless it was changed meanwhile."""
    session.execute(
        update(UserTable)
        .where(UserTable.id == user_id, UserTable.password == old)
        .values(password=new)
    )


def disable(session: Session, email: str, now: datetime) -> bool:
    """Their sessions are over and their tokens rest. False where it was so. Raises `NotFound`."""
    account = get(session, email)
    if account.disabled_at is not None:
        return False
    _set_disabled(session, account.user.id, now)
    sessions.end_all(session, account.user.id)
    return True


def enable(session: Session, email: str) -> bool:
    """They may log in again, and their tokens work. False where it was so. Raises `NotFound`."""
    account = get(session, email)
    if account.disabled_at is None:
        return False
    _set_disabled(session, account.user.id, None)
    return True


def _set_disabled(session: Session, user_id: str, at: datetime | None) -> None:
    session.execute(update(UserTable).where(UserTable.id == user_id).values(disabled_at=at))


_COLUMNS = (
    UserTable.id,
    UserTable.email,
    UserTable.name,
    UserTable.role,
    UserTable.password,
    UserTable.created_at,
    UserTable.disabled_at,
)


def _account(row: "Row[*tuple[Any, ...]]", slugs: Collection[str]) -> Account:
    user = User(row.id, row.email, row.name, Role(row.role), frozenset(slugs))
    return Account(user, row.password, row.created_at, row.disabled_at)


def _courses(session: Session, user_id: str | None = None) -> Mapping[str, set[str]]:
    """Id of a user -> slugs; of all users, or of one."""
    chosen = select(FacilitatorTable.user_id, CourseTable.slug).join(
        CourseTable, CourseTable.id == FacilitatorTable.course_id
    )
    if user_id is not None:
        chosen = chosen.where(FacilitatorTable.user_id == user_id)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for owner, slug in session.execute(chosen):
        found[owner].add(slug)
    return found
