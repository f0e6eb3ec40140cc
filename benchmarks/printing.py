"""Tables on the terminal, with what their figures are held to."""

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.figures import Limit, Size, Table


def show(console: Console, table: Table, size: Size) -> None:
    """Prints a table and its limits."""
    made = RichTable(*table.columns, title=table.title, title_justify="left", box=None)
    for column in made.columns[1:]:
        column.justify = "right"
    for row in table.rows:
        made.add_row(*row)
    console.print()
    console.print(made)
    for note in table.notes:
        console.print(f"  {note}", style="dim")
    for limit in table.limits:
        console.print(f"  {_sentence(limit, size)}", style=_style(limit, size))


def _sentence(limit: Limit, size: Size) -> str:
    kind = "bound" if limit.binding else "goal"
    relation = "at least" if limit.at_least else "at most"
    judged = (
        ("kept" if limit.kept else "MISSED") if size is Size.FULL else "not judged at this size"
    )
    return f"{kind}: {limit.name} {limit.figure:.3g}, {relation} {limit.limit:.3g}: {judged}"


def _style(limit: Limit, size: Size) -> str:
    if limit.kept or size is not Size.FULL:
        return "green" if limit.kept else "dim"
    return "red" if limit.binding else "yellow"
