"""`moocfeed source list|show`: sources with their health and history."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from shlex import quote
from typing import Annotated, Any

import typer

from app.cli.common import Json, echo_json, echo_table, ready, stamp
from app.clock import now
from models.domain.backfill import Walk
from models.domain.delays import quantile
from models.domain.health import Health
from models.store import backfills, courses, schedule, sources
from models.store.sources import SourceRow
from models.tables.sources import FetchTable

PRIVATE = ("course_id", "cursor", "etag", "last_modified", "body_digest", "rule_digest", "secret")
"""What operators need not see, or must not."""
HISTORY = 20


def list_(
    course: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Only this course's sources.")
    ] = None,
    as_json: Json = False,
) -> None:
    """All sources with their health."""
    services = ready()
    with services.database.reading() as session:
        if course is not None:
            courses.plain_course(session, course)
        rows = sorted(sources.listed(session, course=course), key=_place)
        seconds = schedule.last_seconds(session)
    health = {row.id: schedule.health_of(row, seconds) for row in rows}
    if as_json:
        echo_json([source_json(row, health[row.id]) for row in rows])
    elif not rows:
        typer.echo("There is no source yet: `moocfeed source add URL --course SLUG` adds one.")
    else:
        _table(_beside_parents(rows), health)


def _place(row: SourceRow) -> tuple[str, str, str]:
    return row.course, (row.title or row.host).casefold(), row.url


def _beside_parents(rows: Sequence[SourceRow]) -> list[SourceRow]:
    """What was derived from a source stands below it."""
    children: dict[str, list[SourceRow]] = {}
    for row in rows:
        if row.parent_id is not None:
            children.setdefault(row.parent_id, []).append(row)
    known = {row.id for row in rows}
    tops = [row for row in rows if row.parent_id not in known]
    return [one for top in tops for one in (top, *children.get(top.id, ()))]


def _table(rows: list[SourceRow], health: Mapping[str, Health]) -> None:
    echo_table(
        ("id", "course", "kind", "health", "success", "next", "delay", "title", "url"),
        [_line(row, health[row.id]) for row in rows],
        shortened=("title", "url"),
    )
    troubles = [(row, text) for row in rows if (text := _trouble(row))]
    if troubles:
        typer.echo("")
    for row, text in troubles:  # below the table, which has no room for sentences
        typer.echo(f"{row.id}  {row.url}\n            {text}")


def _trouble(row: SourceRow) -> str | None:
    if row.last_error or not row.live_error:
        return row.last_error
    return (
        "Its stream refuses the token: give one that may read:statuses with"
        f" `moocfeed source add {quote(row.url)} --course {row.course} --token-stdin`."
    )


def _line(row: SourceRow, health: Health) -> tuple[str | None, ...]:
    return (
        row.id if row.parent_id is None else f"↳ {row.id}",
        row.course,
        row.kind,
        _words(row, health),
        ago(row.last_success_at),
        ago(row.due_at),
        _span(quantile(row.delays, 0.5)),
        row.title or row.host,
        row.url,
    )


def _words(row: SourceRow, health: Health) -> str:
    if health is not Health.FAILING or row.failing_since is None:
        return health.value
    return f"failing for {_span((now() - row.failing_since).total_seconds())}"


def ago(moment: datetime | None) -> str | None:
    """`3 min ago`, `in 2 h`; None where there is no moment."""
    if moment is None:
        return None
    seconds = (now() - moment).total_seconds()
    if abs(seconds) < 60:
        return "just now" if seconds >= 0 else "now"
    span = _span(abs(seconds))
    return f"{span} ago" if seconds > 0 else f"in {span}"


def _span(seconds: float | None) -> str | None:
    """`3 min`, in the greatest unit of which there is one."""
    if seconds is None:
        return None
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (0, "s"))
    unit, name = next(pair for pair in units if seconds >= pair[0])
    return f"{seconds // max(unit, 1):.0f} {name}"


def source_json(row: SourceRow, health: Health | None = None) -> dict[str, Any]:
    """A source as JSON, with its health where that is known."""
    shown = asdict(row)
    for name in PRIVATE:
        del shown[name]
    shown |= {
        **({"health": health.value} if health else {}),
        "has_secret": row.secret is not None,
        "delay_p50": quantile(row.delays, 0.5),
        "delay_p95": quantile(row.delays, 0.95),
    }
    del shown["delays"]
    return {name: _plain(value) for name, value in shown.items()}


def _plain(value: Any) -> Any:
    return stamp(value) if isinstance(value, datetime) else value


def show(
    source_id: Annotated[
        str, typer.Argument(metavar="ID", help="As `moocfeed source list` shows it.")
    ],
    as_json: Json = False,
) -> None:
    """One source: how it is doing, when it is asked next, what its last fetches brought."""
    services = ready()
    with services.database.reading() as session:
        row = sources.get(session, source_id)
        health = schedule.health_of(row, schedule.last_seconds(session))
        fetches = [_fetch(fetch) for fetch in schedule.history(session, row, limit=HISTORY)]
        rule = sources.spec(row, courses.plain_course(session, row.course).course).rule
        walk = backfills.get(session, row, rule)
    if as_json:
        past = None if walk is None else _walk_json(walk)
        echo_json({**source_json(row, health), "backfill": past, "fetches": fetches})
        return
    shown = source_json(row, health) | {"backfill": None if walk is None else _walked(walk)}
    for name, value in shown.items():
        if value not in (None, "", {}):
            typer.echo(f"{name:16} {value}")
    columns = ("at", "outcome", "status", "milliseconds", "bytes", "new", "changed", "withdrawn")
    echo_table(
        (*columns, "error"),
        [tuple(str(fetch[name]) for name in (*columns, "error")) for fetch in fetches],
    )


def _walk_json(walk: Walk) -> dict[str, Any]:
    return {
        "done": walk.done,
        "since": stamp(walk.since),
        "oldest": stamp(walk.oldest),
        "pages": walk.pages,
        "new": walk.new,
    }


def _walked(walk: Walk) -> str:
    """How far `moocfeed backfill` has come."""
    reached = f"read back to {stamp(walk.oldest)}" if walk.oldest else "read back"
    pages = "1 page" if walk.pages == 1 else f"{walk.pages} pages"
    goal = "complete" if walk.done else f"on its way to {stamp(walk.since)}"
    return f"{reached} in {pages}, {walk.new} new; {goal}"


def _fetch(fetch: FetchTable) -> dict[str, Any]:
    return {
        "at": _plain(fetch.at),
        "outcome": fetch.outcome,
        "status": fetch.status,
        "milliseconds": fetch.milliseconds,
        "bytes": fetch.bytes,
        "new": fetch.new,
        "changed": fetch.changed,
        "withdrawn": fetch.withdrawn,
        "error": fetch.error,
    }
