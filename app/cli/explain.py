"""`moocfeed explain`."""

from typing import Annotated

import typer

from app.api import documents
from app.cli.common import Json, Slug, echo_json, ready
from app.explaining import explained
from models.domain.explain import Explanation


def explain(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="A post, a blog or an account (@user@host).")
    ],
    course: Slug,
    look: Annotated[
        bool, typer.Option("--look/--no-look", help="Ask the address itself where that helps.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Say why a post, blog or account is or is not in the feed, step by step."""
    found = explained(ready(), course, url, look=look)
    if as_json:
        echo_json(documents.explanation(found))
    else:
        _show(found)


def _show(found: Explanation) -> None:
    typer.echo(f"{found.url} is {'' if found.shown else 'not '}in the feed.")
    for step in found.steps:
        typer.echo(f"{'✓' if step.ok else '✗'} {step.name}: {step.finding}")
        for line in step.evidence:
            typer.echo(f"    {line}")
    if found.mend:
        typer.echo(f"→ {found.mend}")
