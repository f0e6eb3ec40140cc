"""`moocfeed source import`."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from app.cli.common import Json, Slug, echo_json, echo_table, note, ready
from app.cli.progress import Bar
from app.importing import Became, import_rows, rows_of
from models.store import courses

PARTIAL = 3


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML or CSV (name, blog, handle).")],
    course: Slug,
    as_json: Json = False,
) -> None:
    """Add many sources: each address is looked at; the report says what each became."""
    services = ready()
    with services.database.reading() as session:
        chosen = courses.plain_course(session, course).course
    rows = rows_of(file)
    with _Progress(len(rows)) as bar:
        found = import_rows(services, course, chosen, rows, bar.done)
    if as_json:
        echo_json([_as_json(one) for one in found])
    else:
        _report(found)
    if any(one.outcome == "failed" for one in found):
        raise typer.Exit(PARTIAL)


class _Progress(Bar):
    """How many rows were looked at."""

    def __init__(self, total: int) -> None:
        super().__init__(
            "Looking",
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            total=total,
        )

    def done(self, became: Became) -> None:
        self._progress.advance(self._task)


def _report(found: list[Became]) -> None:
    echo_table(
        ("line", "outcome", "source", "kind", "entries", "of the course", "address"),
        [_line(one) for one in found],
    )
    for one in found:
        if one.error:
            note(f"line {one.row.line}: {one.error}")
    counts = Counter(one.outcome for one in found)
    parts = (f"{counts[name]} {name}" for name in ("added", "known", "failed"))
    typer.echo(", ".join(parts) + ".")


def _line(one: Became) -> tuple[str | None, ...]:
    seen = one.found
    return (
        str(one.row.line),
        one.outcome,
        one.source,
        seen.kind if seen else None,
        str(seen.entries) if seen else None,
        str(seen.matching) if seen else None,
        one.row.url,
    )


def _as_json(one: Became) -> dict[str, Any]:
    return {
        "line": one.row.line,
        "url": one.row.url,
        "participant": one.row.participant,
        "outcome": one.outcome,
        "source": one.source,
        "kind": one.found.kind if one.found else None,
        "feed_url": one.found.feed_url if one.found else None,
        "entries": one.found.entries if one.found else None,
        "matching": one.found.matching if one.found else None,
        "error": one.error,
    }
