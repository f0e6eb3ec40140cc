"""`moocfeed settings`."""

from app.cli.common import Json, configured, echo_json, echo_table
from app.settings import SETTINGS


def settings(as_json: Json = False) -> None:
    """Each setting with its value, where it comes from, and what it means."""
    chosen = configured()
    rows = [
        (setting.variable, chosen.shown(setting), chosen.origin(setting), setting.meaning)
        for setting in SETTINGS
    ]
    if as_json:
        names = ("variable", "value", "origin", "meaning")
        echo_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        echo_table(("variable", "value", "from", "meaning"), rows, wrapped=("value", "meaning"))
