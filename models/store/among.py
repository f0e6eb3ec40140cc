"""Conditions that name many values by one parameter.

`IN` with a parameter for each value has another text for each number of values: it is taken apart,
put together and prepared anew every time, which costs more than the search itself.
"""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import ARRAY, ColumnElement, FromClause, String, any_, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def among(
    session: Session, column: InstrumentedAttribute[Any], values: Collection[str]
) -> ColumnElement[bool]:
    """Whether the column holds one of the values."""
    if is_sqlite(session):
        return column.in_(select(_each(orjson.dumps(list(values)).decode(), "value").c.value))
    return column == any_(bindparam(None, list(values), ARRAY(String)))


def pairs(
    session: Session, values: Collection[tuple[str, str]]
) -> tuple[FromClause, ColumnElement[str], ColumnElement[str]]:
    """The pairs as a table to be joined, and its two columns."""
    if is_sqlite(session):
        each = _each(orjson.dumps(list(values)).decode(), "value")
        first, second = (func.json_extract(each.c.value, f"$[{at}]") for at in (0, 1))
        return each, first, second
    firsts, seconds = ([pair[at] for pair in values] for at in (0, 1))
    unnested = func.unnest(
        bindparam(None, firsts, ARRAY(String)), bindparam(None, seconds, ARRAY(String))
    ).table_valued("first", "second")
    named = unnested.render_derived()
    return named, named.c.first, named.c.second


def _each(values: str, column: str) -> Any:
    return func.json_each(bindparam(None, values, String)).table_valued(column)


def is_sqlite(session: Session) -> bool:
    """Which has one writer, and no arrays."""
    return session.get_bind().dialect.name == "sqlite"
