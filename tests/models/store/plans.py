"""What the databases plan for the statements that a block of code runs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExecutionContext

from models.store.engine import Database

GROWING = (
    "posts",
    "sightings",
    "identities",
    "post_links",
    "post_tags",
    "edges",
    "changes",
    "fetches",
    "post_search",
    "shares",
    "shared_links",
)
"""Tables that may hold a million rows of one course."""


@dataclass
class Watched:
    """The statements of a block, each text once, with its parameters."""

    database: Database
    count: int = 0
    texts: dict[str, Any] = field(default_factory=dict)

    def plans(self) -> dict[str, list[str]]:
        """By statement, the plan's lines. PostgreSQL goes through a table only where it must: the
        tables of tests are so small that it would be cheaper.
        """
        with self.database.engine.connect() as connection:
            if not self.database.is_sqlite:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            return {
                text: self._plan(connection, text, parameters)
                for text, parameters in self.texts.items()
                if re.match(r"SELECT|UPDATE|DELETE|WITH", text)
            }

    def _plan(self, connection: Connection, text: str, parameters: Any) -> list[str]:
        word = "EXPLAIN QUERY PLAN" if self.database.is_sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{word} {text}", parameters)
        return [row[-1] for row in rows]


@contextmanager
def watching(database: Database) -> Iterator[Watched]:
    """Notes every statement that is run on the database meanwhile."""
    seen = Watched(database)

    def note(
        connection: Connection,
        _cursor: Any,
        text: str,
        parameters: Any,
        _context: ExecutionContext,
        many: bool,
    ) -> None:
        if connection.engine.url != database.engine.url:
            return
        seen.count += 1
        seen.texts.setdefault(text, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
