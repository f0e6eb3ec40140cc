"""All commands, put together."""

import typer

from app.cli import backfill, collect, course, demo, doctor, explain, serve, settings, source, stats

cli = typer.Typer(
    name="moocfeed",
    help="A hashtag aggregator for open online courses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from app.wiring import VERSION

        typer.echo(f"moocfeed {VERSION}")
        raise typer.Exit


@cli.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and end."
    ),
) -> None:
    """A hashtag aggregator for open online courses."""


cli.command("demo")(demo.demo)
cli.command("serve")(serve.serve)
cli.command("collect")(collect.collect)
cli.command("migrate")(serve.migrate)
cli.add_typer(course.group, name="course")
cli.add_typer(source.group, name="source")
cli.command("explain")(explain.explain)
cli.command("backfill")(backfill.backfill)
cli.command("stats")(stats.stats)
cli.command("doctor")(doctor.doctor)
cli.command("settings")(settings.settings)
