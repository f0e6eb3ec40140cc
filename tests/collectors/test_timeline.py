"""Walking a timeline: nothing above the cursor is missed, or asked for without end."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.timeline import RUN, order
from tests.collectors.instances import (
    STARTS,
    Instance,
    MinId,
    ids,
    run,
    source,
    status,
)


def timeline(*numbers: int, **differing: Any) -> Instance:
    made = Instance(**differing)
    made.add(*(status(number) for number in numbers))
    return made


def test_ids_are_ordered_by_length_then_text() -> None:
    assert sorted(["10", "9", "1b", "1B", "100", "1a"], key=order) == [
        "9", "10", "1B", "1a", "1b", "100",
    ]  # fmt: skip


def test_the_first_run_reaches_the_courses_start() -> None:
    instance = Instance()
    instance.add(*(status(number + 1000) for number in range(1, 101)))
    instance.add(*(status(100 + n, at=STARTS - timedelta(hours=n + 1)) for n in range(200)))
    spec, batches = run(instance, source())
    assert sorted(ids(batches), key=order) == [str(number) for number in range(1001, 1101)]
    # 40 + 40, then 20 with 20 that are too old, then 40 that all are: no further page.
    assert len(batches) == 4
    assert {reason for batch in batches for _, reason, _ in batch.excluded} == {"too-old"}
    assert spec.cursor["newest"] == "1100"
    _, batches = run(instance, spec)
    assert (len(batches), ids(batches)) == (1, [])


def test_one_status_with_a_wrong_time_does_not_end_the_way_down() -> None:
    instance = timeline(*range(1, 101))
    instance.add(status(90, at=STARTS - timedelta(days=4000)))
    _, batches = run(instance, source())
    assert set(ids(batches)) == {str(number) for number in range(1, 101)} - {"90"}


def test_a_first_run_ends_after_2000_and_the_next_ones_go_on() -> None:
    instance = timeline(*range(1, 4801))
    spec, first = run(instance, source())
    assert len(ids(first)) == RUN == 2000
    instance.add(status(4801), status(4802))  # written between the runs
    spec, second = run(instance, spec)
    assert ids(second)[:2] == ["4802", "4801"]
    assert 2000 <= len(ids(second)) < 2040
    spec, third = run(instance, spec)
    found = ids([*first, *second, *third])
    assert sorted(found, key=order) == [str(number) for number in range(1, 4803)]
    _, last = run(instance, spec)
    assert (len(last), ids(last)) == (1, [])


def test_a_course_that_begins_earlier_after_all_is_read_further_back() -> None:
    instance = timeline(*range(500, 560))
    instance.add(*(status(400 + n, at=STARTS - timedelta(hours=100 - n)) for n in range(100)))
    spec, first = run(instance, source())
    assert {int(id_) for id_ in ids(first)} == set(range(500, 560))
    later = source(since=STARTS + timedelta(hours=1), cursor=spec.cursor)
    assert len(run(instance, later)[1]) == 1
    earlier = source(since=STARTS - timedelta(days=30), cursor=spec.cursor)
    spec, second = run(instance, earlier)
    assert {int(id_) for id_ in ids(second)} == set(range(400, 560))
    assert len(run(instance, source(since=None, cursor=spec.cursor))[1]) == 1


@pytest.mark.parametrize("min_id", MinId)
@pytest.mark.parametrize("page", [20, 40])
@pytest.mark.parametrize("new", [0, 1, 19, 20, 39, 40, 41, 80, 130])
def test_no_gap_whatever_a_server_makes_of_min_id(min_id: MinId, page: int, new: int) -> None:
    instance = timeline(*range(1, 200), min_id=min_id, largest_page=page)
    spec, _ = run(instance, source())
    instance.asked.clear()
    instance.add(*(status(number) for number in range(200, 200 + new)))
    spec, batches = run(instance, spec)
    found = {int(id_) for id_ in ids(batches)}
    assert found >= set(range(200, 200 + new))
    assert len(batches) <= 2 * new / page + 3
    assert len(run(instance, spec)[1]) == 1


def test_an_answer_at_the_end_of_a_run_is_looked_into_by_the_next_one() -> None:
    instance = timeline(*range(1, 10), min_id=MinId.NEWEST)
    spec, _ = run(instance, source())
    instance.add(*(status(number) for number in range(10, 150)))
    spec, batches = run(instance, replace(spec, cursor={**spec.cursor, "run": RUN - 1}))
    assert len(batches) == 1
    instance.add(status(150))
    _, more = run(instance, spec)
    assert {int(id_) for id_ in ids([*batches, *more])} >= set(range(10, 151))


@pytest.mark.parametrize("min_id", MinId)
@pytest.mark.parametrize("knows_max_id", [True, False])
def test_servers_that_ignore_bounds_are_not_asked_without_end(
    min_id: MinId, knows_max_id: bool
) -> None:
    instance = timeline(*range(1, 100), min_id=min_id, knows_max_id=knows_max_id)
    spec = source()
    for number in range(100, 400, 60):
        instance.asked.clear()
        spec, batches = run(instance, spec, most=100)
        assert not batches[-1].more
        assert len(instance.asked) <= 8
        instance.add(*(status(each) for each in range(number, number + 60)))


@given(st.randoms(use_true_random=False), st.sampled_from(MinId), st.sampled_from([20, 33, 40]))
@settings(max_examples=60)
def test_each_status_above_the_cursor_is_collected_once(
    chance: Random, min_id: MinId, page: int
) -> None:
    """Statuses may also arrive between two requests of a run, and a run may break off anywhere.

    Those that arrive late, with an id below the cursor, are not looked for here.
    """
    instance, spec = Instance(min_id=min_id, largest_page=page), source()
    number, above, seen = chance.choice([1, 90, 990]), list[str](), set[str]()
    for _ in range(chance.randint(2, 12)):
        for _ in range(chance.choice([0, 1, 5, 45, 100])):
            number += chance.choice([1, 2, 300])
            instance.add(status(number))
        newest = str(spec.cursor.get("newest", ""))
        spec, batches = run(instance, spec, most=chance.choice([1, 1, 2, 60]))
        above += [id_ for id_ in ids(batches[:1]) if order(id_) > order(newest)]
        seen.update(ids(batches))
    for _ in range(3):
        spec, batches = run(instance, spec)
        seen.update(ids(batches))
    assert seen == set(instance.statuses)
    assert len(above) == len(set(above))
    assert (len(batches), ids(batches)) == (1, [] if min_id is not MinId.NOTHING else ids(batches))
