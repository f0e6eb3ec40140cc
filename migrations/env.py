"""Alembic's entry: runs the migrations on the connection that `models.store.schema` hands over."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from models.tables import Base


def include_name(
    name: str | None,
    type_: str,
    _parents: Any,
) -> bool:
    """Leaves out the full-text index: FTS5's shadow tables and a tsvector are no ORM tables."""
    return not (type_ == "table" and name is not None and name.startswith("post_search"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
