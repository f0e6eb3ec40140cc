"""`moocfeed backfill`."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from app.cli.common import Json, Slug, echo_json, echo_table, note, ready, stamp
from app.cli.looking import BackfillProgress
from app.clock import now
from app.wiring import Services
from collectors.lookback import LookBack, LookedBack, Outcome
from models.domain.course import Course
from models.store import courses, schema

PARTIAL = 3
UNDONE = frozenset({Outcome.FAILED, Outcome.UNFINISHED})
ORDER = tuple(Outcome)


def backfill(
    course: Slug,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="How far back, by the course's calendar (2014-10-06); else to its start.",
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this source of the course.")
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Begin at the newest page: for gaps since the last time."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch older posts, page by page: of timelines, accounts, and feeds that keep an archive.

    It may be stopped at any moment: the same command goes on where it was. What is known stays as
    it is. The exit code is 3 if some sources failed or are not finished.
    """
    services = ready()
    schema.require_writable(services.database)
    done, seconds = _looked_back(services, course, since, source, again=again)
    if as_json:
        echo_json(_as_json(course, done, seconds))
    else:
        _report(done, seconds)
    _note_problems(done)
    if any(one.outcome in UNDONE for one in done):
        raise typer.Exit(PARTIAL)


def _looked_back(
    services: Services, slug: str, since: datetime | None, source: str | None, *, again: bool
) -> tuple[Sequence[LookedBack], float]:
    from app.jobs import backfilling

    with services.database.reading() as session:
        course = courses.plain_course(session, slug).course
    moment = _moment(course, since)
    with BackfillProgress() as progress:
        plan = LookBack(
            since=moment,
            anew=again,
            on_page=progress.page,
            on_wait=progress.wait,
            on_done=progress.done,
        )
        found = backfilling.backfill(services, slug, plan, source=source, on_start=progress.start)
    return found.sources, found.seconds


def _moment(course: Course, since: datetime | None) -> datetime | None:
    """The day's beginning, by the course's clock."""
    if since is None:
        return None
    moment = course.midnight(since.date())
    if moment > now():
        raise typer.BadParameter(f"{since:%Y-%m-%d} has not come yet", param_hint="--since")
    return moment


def _report(done: Sequence[LookedBack], seconds: float) -> None:
    if not done:
        typer.echo("There is no source yet: `moocfeed source add URL --course SLUG` adds one.")
        return
    echo_table(
        ("id", "kind", "older posts", "new", "pages", "read back to", "url"),
        [_line(one) for one in done],
        shortened=("url",),
    )
    counts = Counter(one.outcome for one in done)
    parts = ", ".join(f"{counts[each]} {each}" for each in ORDER if counts[each])
    named = "source" if len(done) == 1 else "sources"
    typer.echo(f"{len(done)} {named} in {seconds:.1f} s: {parts}.")
    typer.echo(f"Posts: {sum(one.new for one in done)} new.")


def _line(one: LookedBack) -> tuple[str | None, ...]:
    oldest = one.walk.oldest if one.walk else None
    return (
        one.source.id,
        one.source.kind,
        str(one.outcome),
        str(one.new),
        str(one.pages),
        f"{oldest:%Y-%m-%d}" if oldest else None,
        one.source.url,
    )


def _note_problems(done: Sequence[LookedBack]) -> None:
    for one in done:
        if one.error is not None:
            note(f"{str(one.outcome).capitalize()}: {one.source.id}  {one.source.url}")
            note(f"        {one.error.text}")
        elif one.outcome is Outcome.SKIPPED:
            note(f"Skipped: {one.source.id}  {one.source.url}")
            note(
                f"        It is not asked: `moocfeed source resume {one.source.id}` asks it again."
            )


def _as_json(course: str, done: Sequence[LookedBack], seconds: float) -> dict[str, Any]:
    return {
        "course": course,
        "sources": [_source(one) for one in done],
        "posts": {"new": sum(one.new for one in done)},
        "seconds": round(seconds, 3),
    }


def _source(one: LookedBack) -> dict[str, Any]:
    walk = one.walk
    return {
        "id": one.source.id,
        "kind": one.source.kind,
        "url": one.source.url,
        "outcome": str(one.outcome),
        "new": one.new,
        "pages": one.pages,
        "since": stamp(walk.since if walk else None),
        "oldest": stamp(walk.oldest if walk else None),
        "error": one.error.text if one.error else None,
    }
