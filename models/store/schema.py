"""The schema: bringing a database to the newest one, and telling whether it is there.

Migrations run under a lock, so that any number of processes may start at once: on PostgreSQL an
advisory lock, on SQLite the write lock of the transaction they run in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from models.domain.errors import MoocfeedError
from models.store import planner
from models.store.engine import Database, use_wal

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
ADVISORY_LOCK = 0x6D6F6F63
"""A number of our own among a PostgreSQL server's advisory locks."""


class SchemaError(MoocfeedError):
    """The database cannot be used as it is; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a database's schema stands."""

    current: str | None
    newest: str
    known: bool
    """False where the database carries a revision this version does not know."""

    @property
    def ok(self) -> bool:
        return self.current == self.newest

    @property
    def message(self) -> str:
        """One sentence, with the mend where there is one."""
        if self.ok:
            return f"the schema is the newest ({self.newest})"
        if not self.known:
            return (
                f"the database's schema ({self.current}) comes from a newer moocfeed: "
                "upgrade moocfeed, or use another database"
            )
        return f"the schema is at {self.current or 'nothing'}: run `moocfeed migrate`"


def revisions() -> Sequence[str]:
    """What this version knows, the newest last: files of migrations are named by their revision.

    (Alembic tells it too, at the price of loading it and all migrations in each process.)
    """
    return sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def _state(connection: Connection) -> SchemaState:
    known = revisions()
    current = _current(connection)
    return SchemaState(current, known[-1], current is None or current in known)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return current


def check(database: Database) -> SchemaState:
    """Where the schema stands. Raises `SchemaError` where the database does not answer."""
    try:
        with database.engine.connect() as connection:
            return _state(connection)
    except SQLAlchemyError as error:
        raise SchemaError(explain(error)) from error


def require(database: Database) -> None:
    """Raises `SchemaError` unless the schema is the newest."""
    state = check(database)
    if not state.ok:
        raise SchemaError(state.message)


def require_writable(database: Database) -> None:
    """Raises `SchemaError` where nothing can be written: a file that may only be read, a lock."""
    try:
        with database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))
    except SQLAlchemyError as error:
        raise SchemaError(explain(error)) from error


def migrate(database: Database) -> SchemaState:
    """Brings the schema to the newest, in one transaction. Returns where it stood before."""
    try:
        use_wal(database)
        # SQLite's foreign keys can only be switched outside a transaction, and a batch migration
        # that rebuilds a table would delete its children with them on.
        with database.writer.connect() as connection:
            if database.is_sqlite:
                _foreign_keys(connection, on=False)
            try:
                with connection.begin():
                    return _upgrade(connection)
            finally:
                if database.is_sqlite:
                    _foreign_keys(connection, on=True)
    except SQLAlchemyError as error:
        raise SchemaError(explain(error)) from error


def _upgrade(connection: Connection) -> SchemaState:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    before = _state(connection)
    if not before.known:
        raise SchemaError(before.message)
    if not before.ok:
        _run_migrations(connection)
        if connection.dialect.name == "sqlite":
            planner.prescribe(connection)
    return before


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # takes a tenth of a second, and hardly any process migrates
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def explain(error: SQLAlchemyError) -> str:
    """A database error as one sentence with its mend; never with a password in it."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    lowered = cause.lower()
    if "readonly" in lowered or "read-only" in lowered:
        return (
            "the database is read-only: give this user the right to write the file and its folder"
        )
    if "unable to open" in lowered:
        return (
            "the database file cannot be opened: check MOOCFEED_DATA_DIR or MOOCFEED_DATABASE_URL"
        )
    if "locked" in lowered:
        return "the database is locked by another program: close what else holds it, then try again"
    if "not a database" in lowered or "malformed" in lowered:
        return "the file is no SQLite database, or it is damaged: restore a backup"
    if "disk is full" in lowered or "no space" in lowered:
        return "the disk is full: make room, then start again; nothing that was stored is lost"
    if isinstance(error, OperationalError):
        return f"the database does not answer ({cause}): check MOOCFEED_DATABASE_URL and the server"
    return f"the database refused ({cause})"
