"""`moocfeed serve` and `moocfeed migrate`."""

from typing import Annotated

import typer

from app import wiring
from app.cli.common import Json, configured, echo_json, note
from models.domain.errors import MoocfeedError
from models.store import schema


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Web processes.")] = 1,
    no_collect: Annotated[
        bool, typer.Option("--no-collect", help="Serve only; something else collects.")
    ] = False,
) -> None:
    """Bring the database up to date, serve the web, and collect beside it."""
    from app import serving

    services = wiring.build(configured())
    listening = serving.listen(host, port)
    try:
        schema.migrate(services.database)
        if not no_collect:
            schema.require_writable(services.database)
    except MoocfeedError:
        listening.close()
        raise
    serving.serve(
        services,
        listening,
        announce=lambda address: note(f"moocfeed serves on {address}"),
        workers=workers,
        collect=not no_collect,
    )


def migrate(as_json: Json = False) -> None:
    """Bring the database to the newest schema."""
    services = wiring.build(configured())
    before = schema.migrate(services.database)
    if as_json:
        echo_json({"from": before.current, "to": before.newest})
    elif before.ok:
        typer.echo(f"The schema is the newest already ({before.newest}).")
    else:
        typer.echo(f"The schema went from {before.current or 'nothing'} to {before.newest}.")
