"""`moocfeed course apply|list|show`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.common import Json, echo_json, echo_table, ready
from app.clock import now
from collectors.registry import registrable
from models.domain import coursefile
from models.domain.coursefile import SourceEntry
from models.domain.errors import Invalid
from models.store import applying, courses
from models.store.applying import Applied
from models.store.rows import CourseRow

group = typer.Typer(
    no_args_is_help=True,
    help="Courses: apply a course file, list, show.",
    add_completion=False,
    rich_markup_mode=None,
)


@group.command()
def apply(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A course file (TOML).")
    ],
    as_json: Json = False,
) -> None:
    """Create or update a course as its file says. Applied twice, it changes nothing."""
    try:
        parsed = coursefile.parse(file.read_text(encoding="utf-8"))
        _check_kinds(parsed.sources)
    except UnicodeDecodeError:
        raise Invalid(f"{file}: this is not UTF-8 text; save the course file as UTF-8") from None
    except Invalid as error:
        raise Invalid(f"{file}: {error}", error.field) from None
    services = ready()
    with services.database.writing() as session:
        applied = applying.apply(session, parsed, now())
    if as_json:
        echo_json(asdict(applied))
    else:
        typer.echo(_sentence(applied))


def _check_kinds(entries: Sequence[SourceEntry]) -> None:
    """Raises `Invalid`, with the place."""
    for number, entry in enumerate(entries):
        try:
            registrable(entry.kind)
        except Invalid as error:
            place = f"sources[{number}].kind"
            raise Invalid(f"{place}: {error}", place) from None


def _sentence(applied: Applied) -> str:
    verb = "created" if applied.created else "updated" if applied.changed else "unchanged"
    return (
        f"Course {applied.slug}: {verb}; {applied.sources} sources named, "
        f"{applied.sources_added} added, {applied.sources_changed} changed, "
        f"{applied.sources_paused} paused."
    )


@group.command("list")
def list_(as_json: Json = False) -> None:
    """All courses."""
    services = ready()
    with services.database.reading() as session:
        rows = courses.courses(session)
    if as_json:
        echo_json([_as_json(row) for row in rows])
    elif not rows:
        typer.echo("There is no course yet: `moocfeed course apply FILE` makes one.")
    else:
        echo_table(
            ("slug", "title", "hashtags", "posts", "sources", "people"),
            [
                (
                    row.course.slug,
                    row.course.title,
                    " ".join(f"#{tag}" for tag in row.course.hashtags),
                    str(row.posts),
                    str(row.sources),
                    str(row.people),
                )
                for row in rows
            ],
            shortened=("title",),
        )


@group.command()
def show(
    slug: Annotated[str, typer.Argument(metavar="SLUG")],
    toml: Annotated[bool, typer.Option("--toml", help="Print a course file.")] = False,
    as_json: Json = False,
) -> None:
    """One course, as a course file or in short."""
    if toml and as_json:
        raise typer.BadParameter("--toml and --json exclude each other")
    services = ready()
    with services.database.reading() as session:
        row = courses.course(session, slug)
        text = coursefile.dump(applying.course_file(session, slug)) if toml else ""
    if toml:
        typer.echo(text, nl=False)
    elif as_json:
        echo_json(_as_json(row))
    else:
        for name, value in _as_json(row).items():
            typer.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")


def _as_json(row: CourseRow) -> dict[str, Any]:
    course = row.course
    return {
        "slug": course.slug,
        "title": course.title,
        "hashtags": list(course.hashtags),
        "language": course.language,
        "timezone": course.timezone,
        "weeks": len(course.weeks),
        "posts": row.posts,
        "sources": row.sources,
        "people": row.people,
        "revision": row.revision,
    }
