"""All commands, put together; each is imported once it is asked for."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("app.cli.demo", "demo"),
    "serve": ("app.cli.serve", "serve"),
    "collect": ("app.cli.collect", "collect"),
    "migrate": ("app.cli.serve", "migrate"),
    "course": ("app.cli.course", "group"),
    "source": ("app.cli.source", "group"),
    "explain": ("app.cli.explain", "explain"),
    "backfill": ("app.cli.backfill", "backfill"),
    "stats": ("app.cli.stats", "stats"),
    "embed-code": ("app.cli.embedding", "embed_code"),
    "user": ("app.cli.user", "group"),
    "token": ("app.cli.token", "group"),
    "doctor": ("app.cli.doctor", "doctor"),
    "settings": ("app.cli.settings", "settings"),
}
"""Name -> module, and there the function or the group of further commands."""


class _Commands(dict[str, Any]):
    """typer's own commands by name. A collector or a web process wants one of them, and would hold
    what all others import, some fifty megabytes of it, for as long as it runs.
    """

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def __getitem__(self, name: str) -> Any:
        if (known := super().__getitem__(name)) is None:
            known = self[name] = _command(name)
        return known

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - it would call itself

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


class _Lenient:
    """Checks only options that are given. typer checks absent ones too and loads pydantic for that:
    a tenth of a collector's start, and some megabytes for as long as it runs.
    """

    def get_params(self, context: Any) -> list[Any]:
        params: list[Any] = super().get_params(context)  # type: ignore[misc]  # typer's commands
        for param in params:
            if not param.required and not isinstance(param.process_value, partial):
                param.process_value = partial(_if_given, param.process_value)
        return params


def _if_given(check: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    return None if value is None else check(context, value)


class _Command(_Lenient, TyperCommand):
    pass


class _Root(_Lenient, TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()


def _command(name: str) -> Any:
    module, attribute = COMMANDS[name]
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        found, function = typer.Typer(add_completion=False, rich_markup_mode=None), found
        found.command(name, cls=_Command)(function)
    command = typer.main.get_command(found)
    command.name = name
    return command


cli = typer.Typer(
    name="moocfeed",
    cls=_Root,
    help="A hashtag aggregator for open online courses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from app.wiring import VERSION

        typer.echo(f"moocfeed {VERSION}")
        raise typer.Exit


@cli.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and end."
    ),
) -> None:
    """A hashtag aggregator for open online courses."""
