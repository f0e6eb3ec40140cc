"""`moocfeed source add|check|pause|resume|remove`; `list` and `show` stand in `listing`."""

import sys
from typing import Annotated, Any

import typer

from app.cli import importing, listing
from app.cli.common import Json, Slug, echo_json, note, ready, stamp
from app.clock import now
from app.registering import Registration, preview, register
from app.wiring import Services
from collectors.needs import Given, needs_of
from collectors.preview import Preview
from collectors.registry import REGISTRABLE, collector
from models.domain.errors import Conflict, Invalid
from models.domain.post import Entry, Post
from models.domain.source import Match, SourceState
from models.store import courses, sources, withdrawing
from models.store.sources import SourceRow

group = typer.Typer(
    no_args_is_help=True,
    help="Sources: add, import, list, show, check, pause, resume, remove.",
    add_completion=False,
    rich_markup_mode=None,
)
group.command("list")(listing.list_)
group.command("show")(listing.show)
group.command("import")(importing.import_)

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL", help="A blog, a feed, an instance, or an account's profile or @user@host."
    ),
]
SourceId = Annotated[str, typer.Argument(metavar="ID", help="As `moocfeed source list` shows it.")]
CHOICES = ("auto", *REGISTRABLE)


def _known(kind: str) -> str:
    if kind not in CHOICES:
        raise typer.BadParameter(f"{kind!r} is no kind: choose from {', '.join(CHOICES)}")
    return kind


Kind = Annotated[str, typer.Option("--kind", callback=_known, help=f"{', '.join(CHOICES)}.")]
Token = Annotated[
    bool,
    typer.Option("--token-stdin", help="Read a token or app password from standard input."),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="What a kind needs: see docs/sources.md."),
]
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
    token_stdin: Token = False,
    options: Options = None,
    as_json: Json = False,
) -> None:
    """Look at an address, show its latest entries, and add it to a course."""
    given = _given(token_stdin, options)
    services = ready()
    with services.database.reading() as session:
        chosen = courses.plain_course(session, course).course
    wanted = Registration(url, None if kind == "auto" else kind, match, participant, given)
    found = preview(services, wanted, [chosen])
    _warn(found)
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
    token_stdin: Token = False,
    options: Options = None,
    as_json: Json = False,
) -> None:
    """Look at an address without storing anything."""
    given = _given(token_stdin, options)
    services = ready()
    with services.database.reading() as session:
        among = (
            [courses.plain_course(session, course).course]
            if course is not None
            else list(courses.settings(session).values())
        )
    wanted = Registration(url, None if kind == "auto" else kind, match, given=given)
    found = preview(services, wanted, among)
    _warn(found)
    if as_json:
        echo_json(_preview_json(found))
    else:
        _show(found)


def _given(token_stdin: bool, options: list[str] | None) -> Given:
    """Raises `Invalid`. The token is read whole before anything is asked for, and never shown."""
    secret = sys.stdin.readline().strip() if token_stdin else None
    if secret == "":
        raise Invalid("there is no token on standard input: write it there, in one line", "token")
    pairs = [option.partition("=") for option in options or ()]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise Invalid(
            f"--option {wrong[0]} has no value: write --option {wrong[0]}=VALUE", "option"
        )
    return Given(secret, {name.strip(): value for name, _, value in pairs})


def _warn(found: Preview) -> None:
    if words := needs_of(collector(found.kind)).note:
        note(words)


def _show(found: Preview) -> None:
    typer.echo(f"{found.title or found.url} ({found.kind})")
    if found.feed_url != found.url:
        typer.echo(f"Read from {found.feed_url}")
    typer.echo(f"{found.matching} of {found.entries} entries belong to the course.")
    for entry in found.latest:
        typer.echo(f"  {_line(entry)}")
    if found.entries and not found.matching:
        note("None carries a hashtag of the course: ask the author to add it, or use --match all.")


def _line(entry: Entry) -> str:
    """Whether it belongs to the course, its day, and what it is called."""
    mark = "✓" if isinstance(entry, Post) else "–"
    day = f"{entry.published_at:%Y-%m-%d}" if entry.published_at else " " * 10
    return f"{mark}  {day}  {entry.title or _excerpt(entry)[:80] or entry.url or ''}"


def _excerpt(entry: Entry) -> str:
    return entry.excerpt if isinstance(entry, Post) else ""


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
                "title": entry.title,
                "excerpt": _excerpt(entry),
                "url": entry.url,
                "published_at": stamp(entry.published_at),
                "matches": isinstance(entry, Post),
            }
            for entry in found.latest
        ],
    }


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
            withdrawing.withdraw_source(session, row.course_id, row.id, at)
        return sources.get(session, source_id)


def _say(row: SourceRow, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(listing.source_json(row))
    else:
        typer.echo(f"{row.id} {sentence}")
