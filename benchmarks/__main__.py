"""`python -m benchmarks [NAME …]`: runs benchmarks and prints their tables.

The exit code is 1 where a bound is missed at full size.
"""

import argparse
import compileall
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import collect, likeness, memory, pages, parse, posts, serve, streams
from benchmarks.figures import Size
from benchmarks.printing import show
from benchmarks.processes import ROOT
from benchmarks.run import Benchmark, Run

BENCHMARKS: Mapping[str, Benchmark] = {
    "parse": parse.run,
    "collect": collect.run,
    "posts": posts.run,
    "pages": pages.run,
    "serve": serve.run,
    "streams": streams.run,
    "memory": memory.run,
    "likeness": likeness.run,
}
"""In the order in which they run."""


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures moocfeed beside its peers."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; none: all"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, where bounds are not judged"
    )
    parser.add_argument("--tiny", action="store_true", help="shows only that everything runs")
    parser.add_argument("--rounds", type=int, help="how often each figure is measured")
    parser.add_argument(
        "--feeds", type=int, help="how many feeds collect and memory find (2000 otherwise)"
    )
    chosen = parser.parse_args(given)
    if unknown := set(chosen.names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return chosen


def _size(chosen: argparse.Namespace) -> Size:
    if chosen.tiny:
        return Size.TINY
    return Size.QUICK if chosen.quick else Size.FULL


def _compile_modules() -> None:
    """As pip does with what it installs, the peers among it.

    Where Python may not write bytecode, every start would otherwise compile all modules again.
    """
    for package in ("app", "collectors", "migrations", "models"):
        compileall.compile_dir(ROOT / package, quiet=1)


def main(given: Sequence[str]) -> int:
    """Runs what was asked for; returns the exit code."""
    chosen = _arguments(given)
    size, console = _size(chosen), Console(highlight=False)
    progress = Console(stderr=True, style="dim", highlight=False)
    missed = 0
    _compile_modules()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        run = Run(size, Path(folder), chosen.rounds, chosen.feeds, progress.print)
        for name, benchmark in BENCHMARKS.items():
            if chosen.names and name not in chosen.names:
                continue
            for table in benchmark(run):
                show(console, table, size)
                missed += sum(limit.binding and not limit.kept for limit in table.limits)
    return 1 if missed and size is Size.FULL else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
