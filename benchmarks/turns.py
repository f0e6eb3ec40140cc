"""Measuring several ways side by side: in turns, so that a busy moment meets all of them."""

from collections.abc import Callable, Mapping
from statistics import median


def medians(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Each way's median over so many rounds; a way returns what it measured."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return {name: median(figures) for name, figures in found.items()}
