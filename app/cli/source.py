"""`moocfeed source add|list|check|pause|resume|remove`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from app.cli.common import Json, Slug, echo_json, echo_table, note, ready
from app.clock import now
from app.registering import Registration, preview, register
from app.wiring import Services
from collectors.preview import Preview
from collectors.registry import KINDS
from models.domain.errors import Conflict
from models.domain.source import Match, SourceState
from models.store import courses, intake, sources
from models.store.sources import SourceRow

group = typer.Typer(
    no_args_is_help=True,
    help="Sources: add, list, check, pause, resume, remove.",
    rich_markup_mode=None,
)

Url = Annotated[str, typer.Argument(metavar="URL", help="A blog, a feed or an instance.")]
SourceId = Annotated[str, typer.Argument(metavar="ID", help="As `moocfeed source list` shows it.")]
Kind = Annotated[str, typer.Option("--kind", help=f"auto, {', '.join(KINDS)}.")]
Rule = Annotated[Match, typer.Option("--match", help="Only posts with the hashtag, or all.")]


@group.command()
def add(
    url: Url,
    course: Slug,
    kind: Kind = "auto",
    participant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose blog it is.")
    ] = None,
    match: Rule = Match.HASHTAG,
    as_json: Json = False,
) -> None:
    """Look at an address, show its latest posts, and add it to a course."""
    services = ready()
    with services.database.reading() as session:
        chosen = courses.plain_course(session, course).course
    wanted = Registration(url, None if kind == "auto" else kind, match, participant)
    found = preview(services, wanted, [chosen])
    source_id = register(services, course, wanted, found)
    if as_json:
        echo_json({"id": source_id, **_preview_json(found)})
        return
    _show(found)
    typer.echo(f"Added to {course} as {source_id}; it is collected from now on.")


@group.command()
def check(
    url: Url,
    course: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Whose hashtags count; else every course's.")
    ] = None,
    kind: Kind = "auto",
    match: Rule = Match.HASHTAG,
    as_json: Json = False,
) -> None:
    """Look at an address without storing anything."""
    services = ready()
    with services.database.reading() as session:
        among = (
            [courses.plain_course(session, course).course]
            if course is not None
            else list(courses.settings(session).values())
        )
    found = preview(services, Registration(url, None if kind == "auto" else kind, match), among)
    if as_json:
        echo_json(_preview_json(found))
    else:
        _show(found)


def _show(found: Preview) -> None:
    typer.echo(f"{found.title or found.url} ({found.kind})")
    if found.feed_url != found.url:
        typer.echo(f"Read from {found.feed_url}")
    typer.echo(f"{found.matching} of {found.entries} entries belong to the course.")
    for post in found.latest:
        typer.echo(f"  {post.published_at:%Y-%m-%d}  {post.title or post.excerpt[:80]}")
    if found.entries and not found.matching:
        note("None carries a hashtag of the course: ask the author to add it, or use --match all.")


def _preview_json(found: Preview) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "url": found.url,
        "feed_url": found.feed_url,
        "title": found.title,
        "entries": found.entries,
        "matching": found.matching,
        "latest": [
            {
                "title": post.title,
                "excerpt": post.excerpt,
                "url": post.url,
                "published_at": _stamp(post.published_at),
            }
            for post in found.latest
        ],
    }


@group.command("list")
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
    if as_json:
        echo_json([_source_json(row) for row in rows])
    elif not rows:
        typer.echo("There is no source yet: `moocfeed source add URL --course SLUG` adds one.")
    else:
        echo_table(
            ("id", "course", "kind", "state", "success", "next", "title", "url"),
            [_line(row) for row in rows],
            shortened=("title", "url"),
        )
        _say_what_failed(rows)


def _place(row: SourceRow) -> tuple[str, str, str]:
    return row.course, (row.title or row.host).casefold(), row.url


def _say_what_failed(rows: Sequence[SourceRow]) -> None:
    """Below the table, which has no room for sentences."""
    failed = [row for row in rows if row.last_error]
    if failed:
        typer.echo("")
    for row in failed:
        typer.echo(f"{row.id}  {row.url}\n            {row.last_error}")


def _line(row: SourceRow) -> tuple[str | None, ...]:
    state = f"failing ({row.failures})" if row.failures and _is_active(row) else row.state.value
    return (
        row.id,
        row.course,
        row.kind,
        state,
        _ago(row.last_success_at),
        _ago(row.due_at),
        row.title or row.host,
        row.url,
    )


def _is_active(row: SourceRow) -> bool:
    return row.state is SourceState.ACTIVE


def _ago(moment: datetime | None) -> str | None:
    """`3 min ago`, `in 2 h`; None where there is no moment."""
    if moment is None:
        return None
    seconds = (now() - moment).total_seconds()
    size = abs(seconds)
    if size < 60:
        return "just now" if seconds >= 0 else "now"
    units = ((86_400, "d"), (3600, "h"), (60, "min"))
    amount = next(f"{size // unit:.0f} {name}" for unit, name in units if size >= unit)
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _source_json(row: SourceRow) -> dict[str, Any]:
    shown = asdict(row)
    for name in ("course_id", "cursor", "etag", "last_modified", "body_digest", "rule_digest"):
        del shown[name]
    return {
        name: _stamp(value) if isinstance(value, datetime) else value
        for name, value in shown.items()
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@group.command()
def pause(source_id: SourceId, as_json: Json = False) -> None:
    """Ask the source no more; its posts stay."""
    services = ready()
    row = _set(services, source_id, SourceState.PAUSED, "by hand")
    sentence = f"is paused; its posts stay. `moocfeed source resume {row.id}` resumes it."
    _say(row, sentence, as_json=as_json)


@group.command()
def resume(source_id: SourceId, as_json: Json = False) -> None:
    """Ask the source again, from now on."""
    services = ready()
    row = _set(services, source_id, SourceState.ACTIVE, None)
    _say(row, "is active and due at once.", as_json=as_json)


@group.command()
def remove(source_id: SourceId, as_json: Json = False) -> None:
    """Take the source out of its course, with the posts that only it brought."""
    services = ready()
    row = _set(services, source_id, SourceState.REMOVED, "by hand")
    sentence = "is removed, and the posts that only it brought are withdrawn."
    _say(row, sentence, as_json=as_json)


def _set(services: Services, source_id: str, state: SourceState, reason: str | None) -> SourceRow:
    at = now()
    with services.database.writing() as session:
        row = sources.get(session, source_id)
        if row.state is SourceState.REMOVED:
            raise Conflict(f"{row.id} was removed: add {row.url} again with `moocfeed source add`")
        sources.set_state(session, row, state, reason=reason, now=at)
        if state is SourceState.REMOVED:
            intake.withdraw_source(session, row.course_id, row.id, at)
        return sources.get(session, source_id)


def _say(row: SourceRow, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(_source_json(row))
    else:
        typer.echo(f"{row.id} {sentence}")
