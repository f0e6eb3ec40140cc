"""`moocfeed collect`."""

import sys
from shlex import quote
from typing import Annotated

import typer

from app.cli.common import Json, echo_json, note, ready, stamp
from app.cli.summary import failure, sentences
from app.clock import now
from app.wiring import Services
from collectors.runner import Scope
from collectors.summary import Summary
from models.domain.errors import Conflict
from models.domain.source import SourceState
from models.store import courses, schedule, schema, sources
from models.store.sources import SourceRow


def collect(
    once: Annotated[bool, typer.Option("--once", help="Handle what is due, then end.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="With --once: every source, due or not.")
    ] = False,
    course: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Only this course's sources.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this source; with --once, due or not.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Collect: for ever, or once over all that is due; a summary comes at the end.

    With --once the exit code is 3 if some sources failed, or their hosts want to be left alone.
    """
    if every and not once:
        raise typer.BadParameter("--all goes with --once")
    services = ready()
    schema.require_writable(services.database)  # a run would wait for it to come back
    _check(services, course, source)
    scope = Scope(course, source)
    if not once:
        from app.jobs import collecting

        report(collecting.forever(services, scope=scope), as_json=as_json)
        return
    summary = run_once(services, every=every or source is not None, scope=scope)
    report(summary, as_json=as_json)
    waiting = _note_resting(services, scope)
    if summary.sources["failed"] or waiting:
        raise typer.Exit(3)


def run_once(services: Services, *, every: bool, scope: Scope | None = None) -> Summary:
    """One run, on a terminal with a progress bar."""
    from app.jobs import collecting

    if not sys.stderr.isatty():
        return collecting.once(services, every=every, scope=scope)
    from app.cli.progress import CollectProgress  # with rich, which nobody would see elsewhere

    with CollectProgress() as progress:
        return collecting.once(
            services, every=every, scope=scope, on_start=progress.start, on_done=progress.done
        )


def report(summary: Summary, *, as_json: bool) -> None:
    """The summary to standard output, the failures to standard error."""
    for done in summary.failures:
        note(f"Failed: {failure(done)}")
    if as_json:
        echo_json(summary.as_json())
    else:
        typer.echo(sentences(summary))


def _note_resting(services: Services, scope: Scope) -> bool:
    """Names the hosts that are left alone though sources of them are due; whether there are any."""
    with services.database.reading() as session:
        found = schedule.resting(session, now(), course=scope.course, source=scope.source)
    for one in found:
        waits = "a source waits" if one.sources == 1 else f"{one.sources} sources wait"
        note(
            f"Resting: {one.host} asked to be left alone until {stamp(one.until)}; {waits} for it."
        )
    return bool(found)


def _check(services: Services, course: str | None, source: str | None) -> None:
    """Raises `NotFound` where the course or the source is unknown, `Conflict` where the source is
    not asked any more.
    """
    with services.database.reading() as session:
        if course is not None:
            courses.plain_course(session, course)
        if source is not None:
            _require_active(sources.get(session, source))


def _require_active(row: SourceRow) -> None:
    if row.state is SourceState.ACTIVE:
        return
    command = f"resume {row.id}"
    if row.state is SourceState.REMOVED:
        command = f"add {quote(row.url)} --course {row.course}"
    raise Conflict(
        f"{row.id} is {row.state.value} and not asked: `moocfeed source {command}` changes that"
    )
