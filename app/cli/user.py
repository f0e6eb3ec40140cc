"""`moocfeed user add|list|password|courses|disable|enable`."""

import sys
from getpass import getpass
from typing import Annotated, Any

import typer

from app.cli.common import Json, echo_json, echo_table, note, ready, stamp
from app.clock import now
from models.domain import emails, passwords
from models.domain.access import Role
from models.domain.errors import Invalid
from models.store import users
from models.store.users import Account

group = typer.Typer(
    no_args_is_help=True,
    help="Users, who may log in: add, list, password, courses, disable, enable.",
    add_completion=False,
    rich_markup_mode=None,
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@group.command()
def add(
    email: Email,
    role: Annotated[Role, typer.Option(help="admin: all courses; facilitator: theirs.")],
    course: Annotated[
        list[str] | None,
        typer.Option(metavar="SLUG", help="A facilitator's course; again for each further one."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="How pages call them.")] = None,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Let somebody log in. The password is asked for twice, or read from standard input."""
    if role is Role.ADMIN and course:
        raise typer.BadParameter("an admin has all courses: leave --course out")
    folded = emails.fold(email)
    services = ready()
    hashed = passwords.hashed(_password(from_stdin=password_stdin))
    with services.database.writing() as session:
        account = users.add(
            session,
            email=folded,
            name=(name or "").strip() or folded.partition("@")[0],
            role=role,
            password=hashed,
            slugs=course or (),
            now=now(),
        )
    _say(account, f"{account.user.email} may log in as {_what(account)}.", as_json=as_json)
    if role is Role.FACILITATOR and not course:
        note(f"They have no course yet: `moocfeed user courses {folded} SLUG` gives them one.")


@group.command("list")
def list_(as_json: Json = False) -> None:
    """All users, with their roles and courses."""
    services = ready()
    with services.database.reading() as session:
        accounts = users.listing(session)
    if as_json:
        echo_json([_as_json(account) for account in accounts])
    elif not accounts:
        typer.echo("There is no user yet: `moocfeed user add EMAIL --role admin` makes one.")
    else:
        echo_table(
            ("e-mail", "name", "role", "courses", "state"),
            [_row(account) for account in accounts],
            shortened=("name",),
            wrapped=("courses",),
        )


@group.command()
def password(email: Email, password_stdin: PasswordStdin = False, as_json: Json = False) -> None:
    """Give a user a new password; all their sessions end, their API tokens stay."""
    services = ready()
    with services.database.reading() as session:
        users.get(session, email)
    hashed = passwords.hashed(_password(from_stdin=password_stdin))
    with services.database.writing() as session:
        users.set_password(session, email, hashed)
        account = users.get(session, email)
    sentence = f"{account.user.email} has a new password and is logged out everywhere."
    _say(account, sentence, as_json=as_json)


@group.command("courses")
def courses_(
    email: Email,
    slugs: Annotated[
        list[str] | None, typer.Argument(metavar="[SLUG]...", help="None: none any more.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Give a facilitator these courses, and no others."""
    services = ready()
    with services.database.writing() as session:
        users.set_courses(session, email, slugs or ())
        account = users.get(session, email)
    _say(account, f"{account.user.email} is {_what(account)}.", as_json=as_json)


@group.command()
def disable(email: Email, as_json: Json = False) -> None:
    """Let a user log in no more; their sessions end, their API tokens are refused."""
    services = ready()
    with services.database.writing() as session:
        is_new = users.disable(session, email, now())
        account = users.get(session, email)
    state = "is disabled" if is_new else "was disabled already"
    sentence = f"{account.user.email} {state}; `moocfeed user enable` takes it back."
    _say(account, sentence, as_json=as_json)


@group.command()
def enable(email: Email, as_json: Json = False) -> None:
    """Let a disabled user log in again; their API tokens work again, too."""
    services = ready()
    with services.database.writing() as session:
        is_new = users.enable(session, email)
        account = users.get(session, email)
    state = "may log in again" if is_new else "was not disabled"
    _say(account, f"{account.user.email} {state}.", as_json=as_json)


def _password(*, from_stdin: bool) -> str:
    """One line of standard input, or twice the same from the terminal. Raises `Invalid`."""
    if from_stdin:
        return passwords.checked(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "there is no terminal to ask for the password: write it to standard input,"
            " with --password-stdin"
        )
    given = passwords.checked(getpass("Password: "))
    if getpass("Once more: ") != given:
        raise Invalid("the two passwords differ: type the same twice", "password")
    return given


def _say(account: Account, sentence: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(_as_json(account))
    else:
        typer.echo(sentence)


def _what(account: Account) -> str:
    if account.user.role is Role.ADMIN:
        return "admin of all courses"
    return f"facilitator of {', '.join(sorted(account.user.courses)) or 'no course yet'}"


def _row(account: Account) -> tuple[str | None, ...]:
    user = account.user
    slugs = "all" if user.role is Role.ADMIN else " ".join(sorted(user.courses))
    state = "active" if account.disabled_at is None else "disabled"
    return user.email, user.name, user.role.value, slugs, state


def _as_json(account: Account) -> dict[str, Any]:
    user = account.user
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "courses": sorted(user.courses),
        "created_at": stamp(account.created_at),
        "disabled_at": stamp(account.disabled_at),
    }
