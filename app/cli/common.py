"""What commands share: services that are ready to be used, and how things are printed."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app import logs, settings, wiring
from app.settings import Settings
from app.wiring import Services
from models.store import schema

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


def echo_json(value: Any) -> None:
    """To standard output, indented on a terminal, else in one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def echo_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Aligned columns on standard output; the width of a pipe is not the terminal's."""
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(cell or "–" for cell in row))
    console.print(table)


def note(message: str) -> None:
    """A line for the person, on standard error."""
    typer.echo(message, err=True)
