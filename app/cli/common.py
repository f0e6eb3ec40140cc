"""What commands share: services that are ready to be used, and how things are printed."""

import json
import sys
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import logs, settings, wiring
from app.settings import Settings
from app.wiring import Services
from models.store import schema

if TYPE_CHECKING:
    from rich.text import Text

A_PIPES_WIDTH = 10_000
"""Columns: no line is wrapped there."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Slug = Annotated[str, typer.Option("--course", metavar="SLUG", help="The course's slug.")]


def configured() -> Settings:
    """The settings; logs go where they say. Raises `ConfigError`."""
    chosen = settings.load()
    logs.configure(chosen.log_format)
    return chosen


def ready(chosen: Settings | None = None) -> Services:
    """Services on a database of the newest schema.

    A database that is empty yet gets it. Raises `SchemaError` for any other that is not up to date.
    """
    services = wiring.build(chosen or configured())
    if schema.check(services.database).current is None:
        schema.migrate(services.database)
    schema.require(services.database)
    return services


def stamp(moment: datetime | None) -> str | None:
    """A time as JSON has it: UTC to the second (RFC 3339)."""
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def echo_json(value: Any) -> None:
    """To standard output, indented on a terminal, else in one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def echo_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    shortened: Collection[str] = (),
    wrapped: Collection[str] = (),
) -> None:
    """Aligned columns on standard output.

    A pipe gets everything in full. On a terminal that is too narrow, columns named in `wrapped` go
    on in further lines and those in `shortened` are cut off; all others stay whole.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else A_PIPES_WIDTH, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, no_wrap=name not in {*shortened, *wrapped}, overflow="fold")
    cut = [name in shortened for name in columns]
    for row in rows:
        table.add_row(
            *(_cell(text or "–", cut=is_cut) for text, is_cut in zip(row, cut, strict=True))
        )
    console.print(table)


def _cell(text: str, *, cut: bool) -> "Text":
    """What strangers wrote is no markup."""
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="ellipsis") if cut else Text(text)


def note(message: str) -> None:
    """A line for the person, on standard error."""
    typer.echo(message, err=True)
