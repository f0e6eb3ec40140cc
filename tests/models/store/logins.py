"""Users for tests of the store, and their logins."""

from datetime import timedelta

from models.domain.access import Role
from models.store import sessions, tries, users
from models.store.engine import Database
from models.store.users import Account
from tests.models.store.statuses import AT

ADA = "ada@example.org"
SECOND = timedelta(seconds=1)


def add(database: Database, email: str = ADA, *slugs: str, role: Role = Role.FACILITATOR) -> str:
    """The new user's id."""
    with database.writing() as session:
        return users.add(
            session, email=email, name="Ada (Muster)", role=role, password="h", slugs=slugs, now=AT
        ).user.id


def account(database: Database, email: str = ADA) -> Account:
    with database.reading() as session:
        return users.get(session, email)


def log_in(database: Database, user_id: str, secret: str) -> None:
    with database.writing() as session:
        sessions.begin(session, user_id, secret, AT)


def is_open(database: Database, secret: str, after: timedelta = SECOND) -> bool:
    with database.reading() as session:
        return sessions.find(session, secret, AT + after) is not None


def begin(database: Database, after: float = 0, *, name: str = ADA, host: str = "a") -> float:
    """Seconds to wait; 0: it may go on."""
    now = AT + timedelta(seconds=after)
    with database.writing() as session:
        free = tries.begin(session, name, host, now)
    return 0 if free is None else (free - now).total_seconds()
