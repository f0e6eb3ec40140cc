"""The histogram of delays."""

import statistics

from hypothesis import given
from hypothesis import strategies as st

from models.domain.delays import BOUNDS, added, quantile

DELAYS = st.lists(st.floats(-10, 2_000_000), max_size=60)


@given(DELAYS, DELAYS)
def test_counts_everything_once(first: list[float], second: list[float]) -> None:
    counts = added(added([], first), second)
    assert counts == added([], [*second, *first])
    assert sum(counts) == len(first) + len(second)
    assert len(counts) == len(BOUNDS) + 1


@given(DELAYS)
def test_quantiles_rise_and_stay_within_their_bucket(delays: list[float]) -> None:
    counts = added([], delays)
    found = [quantile(counts, share / 20) for share in range(1, 21)]
    if not delays:
        assert found == [None] * 20
        return
    numbers = [value for value in found if value is not None]
    assert numbers == sorted(numbers)
    median = max(0.0, min(statistics.median_low(delays), BOUNDS[-1]))
    upper = next(bound for bound in BOUNDS if median <= bound)
    middle = quantile(counts, 0.5)
    assert middle is not None
    assert middle <= upper


def test_a_known_case() -> None:
    counts = added([], [0.5] * 50 + [45] * 45 + [10**7] * 5)
    assert quantile(counts, 0.5) == 1.0
    assert quantile(counts, 0.95) == 60.0
    assert quantile(counts, 1.0) == BOUNDS[-1]
