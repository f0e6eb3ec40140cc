"""`moocfeed embed-code`: what to paste into a homepage."""

from collections.abc import Mapping
from typing import Annotated

import typer

from app.cli.common import Json, Slug, echo_json, ready
from app.pages.look import Layout, Look, Media, Theme
from app.pages.snippets import Snippets, snippets
from models.store import courses

HEADINGS = {
    "wordpress": "WordPress: this address in a line of its own",
    "html": "HTML, where the homepage takes script",
    "iframe": "HTML, where it takes none",
    "rss": "RSS, for a block that shows feeds",
}


def embed_code(
    course: Slug,
    week: Annotated[str | None, typer.Option(help="A week's number, or `current`.")] = None,
    layout: Annotated[Layout, typer.Option(help="How the posts stand.")] = Layout.LIST,
    sources: Annotated[
        str | None, typer.Option(metavar="ID,ID", help="Only what these sources brought.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Posts at a time, 1 to 100.")] = 20,
    lang: Annotated[str | None, typer.Option(help="Language: de or en.")] = None,
    theme: Annotated[Theme, typer.Option(help="Colours.")] = Theme.AUTO,
    live: Annotated[bool, typer.Option("--live", help="Tell of new posts.")] = False,
    media: Annotated[Media, typer.Option(help="Pictures of posts.")] = Media.CLICK,
    search: Annotated[bool, typer.Option("--search", help="With a field to search.")] = False,
    as_json: Json = False,
) -> None:
    """What to paste into a homepage: for WordPress, with script, without, and as a feed."""
    first = {"week": week, "layout": layout, "sources": sources, "limit": limit, "lang": lang}
    look = _look(first | {"theme": theme, "live": live, "media": media, "search": search})
    services = ready()
    with services.database.reading() as session:
        row = courses.plain_course(session, course)
    made = snippets(services.settings.public_url, row.course, look)
    if as_json:
        echo_json({"course": course, **made.document()})
    else:
        _show(made)


def _look(given: Mapping[str, object]) -> Look:
    """Raises `typer.BadParameter` with a validator's first complaint."""
    from pydantic import ValidationError

    from app.errors import explain

    try:
        return Look.model_validate(given)
    except ValidationError as error:
        raise typer.BadParameter(explain(error).detail) from None


def _show(made: Snippets) -> None:
    for name, text in made.document().items():
        typer.echo(f"{HEADINGS[name]}:\n{text}\n")
