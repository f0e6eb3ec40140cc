"""Whether a failed statement means that the database is away, or that the statement was at fault.

https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html
"""

import sqlite3

from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    OperationalError,
    TimeoutError,
)

_PASSING_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58", "F0", "XX"})
"""PostgreSQL's classes of states that are the server's or the moment's: connection, read-only,
conflict of transactions, resources, objects in use, an operator's intervention, the system.
"""
_PASSING_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def is_away(error: BaseException) -> bool:
    """Whether the same may succeed later: the database cannot be reached, is locked, full or
    read-only, or had to break a transaction off. False for all that one answer's content causes.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, DisconnectionError | TimeoutError)
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _PASSING_CODES
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # no connection came about at all
        return isinstance(error, OperationalError | InterfaceError)
    return state[:2] in _PASSING_CLASSES
