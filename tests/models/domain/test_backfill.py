"""Walks to older entries: whatever breaks off and goes on, what is wanted is read, once it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.domain.backfill import WAY, PageRead, Walk, advanced, resumed

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


class Archive:
    """Pages of days, by way; newest first."""

    def __init__(self, *ways: list[list[int]]) -> None:
        self.ways = ways
        self.asked: list[tuple[int, int]] = []
        self.brought: set[tuple[int, int]] = set()

    def read(self, walk: Walk) -> Walk:
        way, number = walk.at.get(WAY, 0), walk.at.get("page", 0)
        self.asked.append((way, number))
        pages = self.ways[way]
        days = pages[number] if number < len(pages) else []
        self.brought |= {(way, each) for each in days if day(each) >= walk.since}
        page = PageRead(
            following={"page": number + 1} if number + 1 < len(pages) else None,
            holds=" ".join(map(str, days)) or None,
            oldest=day(min(days)) if days else None,
            newest=day(max(days)) if days else None,
        )
        return advanced(walk, page, ways=len(self.ways))

    def walk(self, walk: Walk, most: int = 1000) -> Walk:
        for _ in range(most):
            if walk.done:
                break
            walk = self.read(walk)
        return walk

    def wanted(self, since: datetime) -> set[tuple[int, int]]:
        return {
            (way, each)
            for way, pages in enumerate(self.ways)
            for page in pages
            for each in page
            if day(each) >= since
        }


def test_a_walk_ends_at_the_first_page_before_what_is_wanted() -> None:
    archive = Archive([[9, 8], [7, 6], [5, 4], [3, 2]])
    walk = archive.walk(resumed(None, day(6)))
    assert walk.done
    assert archive.asked == [(0, 0), (0, 1), (0, 2)]
    assert archive.brought == {(0, 9), (0, 8), (0, 7), (0, 6)}
    assert (walk.pages, walk.oldest) == (3, day(4))


def test_every_way_is_gone() -> None:
    archive = Archive([[9, 1], [0]], [[8], [7]], [])
    assert archive.walk(resumed(None, day(5))).done
    assert archive.asked == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]


def test_who_wants_more_goes_on_where_the_first_was_left_out() -> None:
    archive = Archive([[9, 8], [7, 6], [5, 4], [3, 2]])
    walk = archive.walk(resumed(None, day(7)))
    archive.asked.clear()
    walk = archive.walk(resumed(walk, day(4)))
    assert archive.asked == [(0, 1), (0, 2), (0, 3)]
    assert archive.brought == archive.wanted(day(4))
    assert resumed(walk, day(8)) is walk


def test_what_ended_with_nothing_left_out_is_complete_for_any_date() -> None:
    walk = Archive([[9], [8]]).walk(resumed(None, day(1)))
    assert resumed(walk, day(0)).done


def test_the_same_page_again_ends_its_way_alone() -> None:
    """On another way the same entries are no repetition."""
    walk = Walk(day(0))
    page = PageRead(following={"page": 1}, holds="a b")
    walk = advanced(walk, page, ways=2)
    assert walk.at == {"page": 1, WAY: 0}
    walk = advanced(walk, replace(page, following={"page": 2}), ways=2)
    assert walk.at == {WAY: 1}
    walk = advanced(walk, page, ways=2)
    assert (walk.at, walk.done) == ({"page": 1, WAY: 1}, False)


def test_a_page_that_leads_to_itself_ends_though_it_is_empty() -> None:
    walk = advanced(Walk(day(0)), PageRead({"url": "x"}, None), ways=1)
    assert advanced(walk, PageRead({"url": "x"}, None), ways=1).done


def test_pages_without_dates_end_nothing() -> None:
    walk = advanced(Walk(day(9)), PageRead({"page": 1}, "a"), ways=1)
    assert not walk.done
    assert walk.left is None


pages = st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=6)


@given(
    ways=st.lists(pages, min_size=1, max_size=3),
    runs=st.lists(st.tuples(st.integers(0, 31), st.integers(0, 8)), min_size=1, max_size=5),
    last=st.integers(0, 31),
)
def test_nothing_wanted_is_missed_whatever_was_asked_before(
    ways: list[list[list[int]]], runs: list[tuple[int, int]], last: int
) -> None:
    """Runs for several dates, each broken off somewhere, then one to the end."""
    ordered = [_downwards(pages) for pages in ways]
    archive, walk = Archive(*ordered), None
    for since, most in runs:
        walk = archive.walk(resumed(walk, day(since)), most)
    walk = archive.walk(resumed(walk, day(last)))
    assert walk.done
    assert archive.wanted(day(last)) <= archive.brought
    archive.asked.clear()
    assert archive.walk(resumed(walk, day(last))).done
    assert archive.asked == []


def _downwards(pages: list[list[int]]) -> list[list[int]]:
    """Archives go down: each day once, the later ones on earlier pages."""
    days = iter(sorted({each for page in pages for each in page}, reverse=True))
    shaped = [[each for _, each in zip(page, days, strict=False)] for page in pages]
    return [page for page in shaped if page]
