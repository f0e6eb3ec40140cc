"""`moocfeed collect`."""

from typing import Annotated

import typer

from app.cli.common import Json, echo_json, note, ready
from app.cli.progress import CollectProgress, failure, sentences
from app.wiring import Services
from collectors.runner import Scope
from collectors.summary import Summary
from models.store import courses, sources


def collect(
    once: Annotated[bool, typer.Option("--once", help="Handle what is due, then end.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="With --once: every source, due or not.")
    ] = False,
    course: Annotated[
        str | None, typer.Option(metavar="SLUG", help="With --once: only this course.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="ID", help="With --once: only this source.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Collect: for ever, or once over all that is due. Exit code 3 if some sources failed."""
    if not once and (every or course or source or as_json):
        raise typer.BadParameter("--all, --course, --source and --json go with --once")
    services = ready()
    if not once:
        from app.jobs import collecting

        collecting.forever(services)
        return
    _check(services, course, source)
    summary = run_once(services, every=every or source is not None, scope=Scope(course, source))
    report(summary, as_json=as_json)
    if summary.sources["failed"]:
        raise typer.Exit(3)


def run_once(services: Services, *, every: bool, scope: Scope | None = None) -> Summary:
    """One run with a progress bar."""
    from app.jobs import collecting

    with CollectProgress() as progress:
        return collecting.once(
            services, every=every, scope=scope, on_start=progress.start, on_done=progress.done
        )


def report(summary: Summary, *, as_json: bool) -> None:
    """The summary to standard output, the failures to standard error."""
    for done in summary.failures:
        note(failure(done))
    if as_json:
        echo_json(summary.as_json())
    else:
        typer.echo(sentences(summary))


def _check(services: Services, course: str | None, source: str | None) -> None:
    """Raises `NotFound` where the course or the source is unknown."""
    with services.database.reading() as session:
        if course is not None:
            courses.plain_course(session, course)
        if source is not None:
            sources.get(session, source)
