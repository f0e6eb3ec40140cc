"""Nothing is missed however a timeline grows, and no run goes on for ever."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collectors.idpaging import advance

PAGE = 4


def page(timeline: list[int], cursor: dict[str, Any]) -> list[str]:
    """As Mastodon pages: `max_id` below, `min_id` the page just above."""
    found = sorted(timeline, reverse=True)
    if cursor.get("down"):
        return [str(id_) for id_ in found if id_ < int(cursor["oldest"])][:PAGE]
    if "newest" in cursor:
        return [str(id_) for id_ in found if id_ > int(cursor["newest"])][-PAGE:]
    return [str(id_) for id_ in found][:PAGE]


def run(timeline: list[int], cursor: dict[str, Any], most: int) -> tuple[set[int], dict[str, Any]]:
    seen: set[int] = set()
    for _ in range(200):
        ids = page(timeline, cursor)
        seen |= set(map(int, ids))
        found, more = advance(cursor, ids, reached=False, most=most)
        cursor = dict(found)
        if not more:
            return seen, cursor
    raise AssertionError("a run that never ends")


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8), st.integers(1, 30))
def test_every_item_is_seen(growth: list[int], most: int) -> None:
    """Whatever comes between two runs, after enough of them all is seen."""
    timeline: list[int] = []
    cursor: dict[str, Any] = {}
    seen: set[int] = set()
    for new in [*growth, *[0] * 100]:
        timeline += range(len(timeline) + 95, len(timeline) + 95 + new)
        found, cursor = run(timeline, cursor, most)
        seen |= found
    assert seen == set(timeline)
    assert not timeline or cursor["complete"]
    assert page(timeline, cursor) == []


@given(st.lists(st.text("0123456789abc", min_size=1, max_size=4), max_size=6))
def test_a_server_that_repeats_itself_ends(ids: list[str]) -> None:
    cursor: dict[str, Any] = {}
    for _ in range(3):
        found, more = advance(cursor, ids, reached=False, most=1000)
        cursor = dict(found)
    assert not more


def test_ids_are_sorted_by_length_then_text() -> None:
    cursor, _ = advance({}, ["9", "10", "0a"], reached=False, most=1000)
    assert (cursor["newest"], cursor["oldest"]) == ("10", "9")


def test_the_start_ends_the_way_down() -> None:
    assert advance({}, ["3", "2"], reached=True, most=1000) == (
        {"newest": "3", "oldest": "2", "complete": True},
        False,
    )
