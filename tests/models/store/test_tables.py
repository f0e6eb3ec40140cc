"""What holds of every table: keys that begin with the course, rows that stand in one tree."""

import pytest
from sqlalchemy import inspect, text

from models.store.engine import Database
from models.tables import Base

USERS = {"users", "sessions", "api_tokens", "login_tries"}
"""Whoever logs in is of no course, or of several."""
WITHOUT_COURSE = {"courses", "hosts", "inbox", "opt_outs", *USERS}
"""The course itself; what no course has for itself; what is not known of whose course it is."""
OTHER_KEYS = {("subscriptions", ("callback",))}
"""A secret address that a hub calls: it has to name the subscription by itself."""


def test_every_unique_key_begins_with_the_course(database: Database) -> None:
    """So the tables can be distributed by course."""
    found = inspect(database.engine)
    for table in Base.metadata.tables.values():
        if table.name in WITHOUT_COURSE:
            continue
        keys = [tuple(found.get_pk_constraint(table.name)["constrained_columns"])]
        keys += [
            tuple(str(name) for name in index["column_names"])
            for index in found.get_indexes(table.name)
            if index["unique"]
        ]
        keys += [tuple(each["column_names"]) for each in found.get_unique_constraints(table.name)]
        wrong = [
            key for key in keys if key[0] != "course_id" and (table.name, key) not in OTHER_KEYS
        ]
        assert not wrong, table.name


def test_narrow_tables_have_their_rows_in_the_key_s_tree(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's own")
    wanted = {
        table.name
        for table in Base.metadata.tables.values()
        if table.dialect_options["sqlite"]["with_rowid"] is False
    }
    with database.reading() as session:
        found = set(session.scalars(text("SELECT name FROM pragma_table_list WHERE wr = 1")))
    assert wanted >= {"identities", "post_tags", "post_links", "edges", "changes", "fetches"}
    assert wanted <= found
