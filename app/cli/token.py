"""`moocfeed token create|list|revoke`."""

from typing import Annotated, Any

import typer

from app.cli.common import Json, echo_json, echo_table, note, ready, stamp
from app.clock import now
from models.domain.access import TokenScope, new_api_token
from models.domain.errors import Invalid
from models.store import tokens
from models.store.tokens import Token

group = typer.Typer(
    no_args_is_help=True,
    help="API tokens, by which programs act for a user: create, list, revoke.",
    add_completion=False,
    rich_markup_mode=None,
)
LONGEST_NAME = 100


@group.command()
def create(
    user: Annotated[str, typer.Option(metavar="EMAIL", help="Whose rights it has.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="What it is for: a script's name.")],
    scope: Annotated[
        TokenScope, typer.Option(help="read: it may change nothing.")
    ] = TokenScope.WRITE,
    as_json: Json = False,
) -> None:
    """Make an API token. It is shown this once: only its hash is kept."""
    called = name.strip()
    if not called or len(called) > LONGEST_NAME:
        raise Invalid(f"--name must have 1 to {LONGEST_NAME} characters", "name")
    services, secret = ready(), new_api_token()
    with services.database.writing() as session:
        token_id = tokens.create(
            session, email=user, name=called, scope=scope, secret=secret, now=now()
        )
    if as_json:
        echo_json({"id": token_id, "token": secret})
        return
    typer.echo(secret)
    note(f"Its id is {token_id}. Keep the token: it is not shown again.")


@group.command("list")
def list_(as_json: Json = False) -> None:
    """All API tokens, with their last use; what they are in themselves is not kept."""
    services = ready()
    with services.database.reading() as session:
        rows = tokens.listing(session)
    if as_json:
        echo_json([_as_json(row) for row in rows])
    elif not rows:
        typer.echo("There is no token: `moocfeed token create --user EMAIL --name NAME` makes one.")
    else:
        echo_table(
            ("id", "user", "name", "scope", "created", "last used", "state"),
            [_row(row) for row in rows],
            shortened=("name",),
        )


@group.command()
def revoke(
    token_id: Annotated[
        str, typer.Argument(metavar="ID", help="As `moocfeed token list` shows it.")
    ],
    as_json: Json = False,
) -> None:
    """Make a token worthless, for good."""
    services = ready()
    with services.database.writing() as session:
        is_new = tokens.revoke(session, token_id, now())
    if as_json:
        echo_json({"id": token_id, "revoked": True})
    else:
        typer.echo(f"{token_id} {'is' if is_new else 'was already'} revoked.")


def _row(row: Token) -> tuple[str | None, ...]:
    state = "active" if row.revoked_at is None else "revoked"
    used = stamp(row.used_at)
    return row.id, row.email, row.name, row.scope.value, stamp(row.created_at), used, state


def _as_json(row: Token) -> dict[str, Any]:
    return {
        "id": row.id,
        "user": row.email,
        "name": row.name,
        "scope": row.scope.value,
        "created_at": stamp(row.created_at),
        "last_used_at": stamp(row.used_at),
        "revoked_at": stamp(row.revoked_at),
    }
