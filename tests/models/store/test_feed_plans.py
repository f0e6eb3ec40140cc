"""Lists are walked along an index: no filter and no order makes a database go through a course."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from models.store import courses, feed
from models.store.engine import Database
from models.store.feed import Filter, Order
from models.store.rows import Position
from tests.models.store.many import HOSTS, crowd
from tests.models.store.material import AT, Stage
from tests.models.store.plans import GROWING, watching

MANY = 4000
SINGLE: Sequence[dict[str, Any]] = [
    {},
    {"kind": "status"},
    {"kind": "video"},
    {"source": HOSTS[0]},
    {"source": HOSTS[-1]},
    {"participant": "p0"},
    {"participant": "p150"},
    {"week": 2},
    {"tag": "sample"},
    {"tag": "t7"},
    {"lang": "de"},
    {"lang": "it"},
    {"since": AT - timedelta(days=2)},
    {"until": AT - timedelta(days=50)},
    {"since": AT - timedelta(days=9), "until": AT - timedelta(days=8)},
]
SEVERAL: Sequence[dict[str, Any]] = [
    {"kind": "comment"},
    {"q": "sample"},
    {"q": "wort7"},
    {"q": "selten"},
    {"q": "sample", "kind": "status"},
    {"q": "selten", "week": 1},
    {"tag": "sample", "kind": "video"},
    {"tag": "t7", "kind": "status", "lang": "de"},
    {"tag": "sample", "kind": "comment"},
    {"source": HOSTS[0], "kind": "status"},
    {"source": HOSTS[0], "tag": "sample"},
    {"source": HOSTS[0], "kind": "comment"},
    {"participant": "p0", "kind": "status"},
    {"participant": "p0", "week": 2},
    {"lang": "de", "kind": "status"},
    {"participant": "p0", "lang": "de", "tag": "sample"},
    {"lang": "de", "week": 3},
]


@pytest.fixture
def stage(database: Database) -> Stage:
    return crowd(database, MANY)


def plans(
    stage: Stage, chosen: dict[str, Any], order: Order, after: Position | None
) -> dict[str, list[str]]:
    """Of the statements that make one page, by what they are for."""
    if "source" in chosen:
        chosen = chosen | {"source": stage.source(chosen["source"])}
    with stage.database.reading() as session:
        row = courses.plain_course(session, "sample")
        with watching(stage.database) as seen:
            feed.page(session, row, Filter(**chosen, order=order), after=after)
    found: dict[str, list[str]] = {}
    for said, plan in seen.plans().items():
        use = "count" if "count(*)" in said else "list" if "LIMIT" in said else "posts"
        found.setdefault(use, []).extend(plan)
    return found


def faults(stage: Stage, found: dict[str, list[str]], *, sorts: bool) -> list[str]:
    """Lines of plans that cost more the more posts there are."""
    tables = "|".join(GROWING)
    if stage.database.is_sqlite:
        scans = rf"SCAN ({tables})\b(?! VIRTUAL)|\(course_id=\?\)|\bANY\("
        read = [line for plan in found.values() for line in plan]
    else:
        # The first thousands of what holds of most are soon found anyhow.
        scans = rf"Seq Scan on ({tables})\b"
        read = [*found.get("list", []), *found.get("posts", [])]
    sort = r"TEMP B-TREE FOR ORDER BY|\bSort\b"
    listing = [] if sorts else [line for line in found.get("list", []) if re.search(sort, line)]
    return [line for line in read if re.search(scans, line)] + listing


def wrong(stage: Stage, order: Order, *, sorts: bool) -> dict[str, list[str]]:
    """By filter, what is at fault at the list's beginning, and far down."""
    found: dict[str, list[str]] = {}
    for chosen in (*SINGLE, *SEVERAL):
        # PostgreSQL, which knows how many there are, may rather sort what is left of several.
        may_sort = not stage.database.is_sqlite and (chosen in SEVERAL or order is Order.DISCUSSED)
        for after in (None, Position(AT - timedelta(days=30), "0", 0)):
            plan = plans(stage, chosen, order, after)
            if lines := faults(stage, plan, sorts=sorts or may_sort):
                found[str(chosen)] = lines
    return found


@pytest.mark.parametrize("order", list(Order))
def test_a_list_is_walked_along_an_index(
    stage: Stage, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("FEW", "MANY"):
        monkeypatch.setattr(feed, limit, -1)
    assert wrong(stage, order, sorts=False) == {}


@pytest.mark.parametrize("order", list(Order))
def test_where_a_narrowing_holds_of_few_only_those_are_read(stage: Stage, order: Order) -> None:
    """And sorted."""
    assert feed.MANY > MANY
    assert wrong(stage, order, sorts=True) == {}
