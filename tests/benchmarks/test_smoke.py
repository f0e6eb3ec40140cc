"""Each benchmark runs to its end at its smallest size, and says what it measured."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[2]
TITLES = {
    "parse": ["Reading feeds"],
    "collect": ["Collecting from empty", "Collecting what has not changed"],
    "posts": ["Pages of posts on SQLite", "Pages of posts on PostgreSQL", "with filters on SQLite"],
    "pages": ["Pages of a course on SQLite", "Pages of a course on PostgreSQL"],
    "serve": ["A cached page", "304 Not Modified"],
    "streams": ["Event streams"],
    "memory": ["Memory at its peak", "largest parse worker"],
    "likeness": [
        "One post at two places",
        "The same, on pairs that the rules were not made with",
    ],
}


def test_every_benchmark_is_tried() -> None:
    assert TITLES.keys() == BENCHMARKS.keys()


@pytest.mark.system
@pytest.mark.parametrize("name", BENCHMARKS)
def test_runs_to_its_end(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [title for title in TITLES[name] if title not in done.stdout] == []


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import main

    with pytest.raises(SystemExit) as caught:
        main(["colect"])
    assert caught.value.code == 2
    assert "there is no benchmark colect" in capsys.readouterr().err
