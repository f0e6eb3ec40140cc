"""How long posts take from published to stored: a small histogram that is kept for each source."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

BOUNDS: tuple[float, ...] = (
    *(1, 2, 5, 10, 20, 30),
    *(60, 120, 300, 600, 1200, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800),
)
"""Upper bounds of the buckets in seconds, inclusive; one more bucket holds what took longer."""


def added(counts: Sequence[int], delays: Iterable[float]) -> list[int]:
    """The histogram with these delays in it. An empty one is `[]`; a negative delay counts as 0."""
    found = [*counts, *[0] * (len(BOUNDS) + 1 - len(counts))]
    for delay in delays:
        found[next((at for at, bound in enumerate(BOUNDS) if delay <= bound), len(BOUNDS))] += 1
    return found


def quantile(counts: Sequence[int], q: float) -> float | None:
    """Seconds that a share `q` of the posts took at most, read off linearly within its bucket.

    None where nothing was counted; the greatest bound for what took even longer.
    """
    total = sum(counts)
    if total == 0:
        return None
    wanted = q * total
    for at, below in enumerate(accumulate(counts)):
        if below >= wanted and counts[at]:
            if at == len(BOUNDS):
                return BOUNDS[-1]
            low = BOUNDS[at - 1] if at else 0.0
            return low + (BOUNDS[at] - low) * (wanted - (below - counts[at])) / counts[at]
    return BOUNDS[-1]
