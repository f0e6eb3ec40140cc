"""The demo's folder: made anew each time, and nobody else's."""

import json
from pathlib import Path

from tests.app.cli.conftest import Run


def test_the_second_start_makes_it_anew(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "demo"
    first = json.loads(run("demo", "--once", "--json").out)
    (folder / "left over").write_text("x")
    second = json.loads(run("demo", "--once", "--json").out)
    assert first["posts"]["new"] == second["posts"]["new"] > 250
    assert not (folder / "left over").exists()
    assert not (tmp_path / "var" / "moocfeed.db").exists()


def test_a_folder_of_somebody_else(run: Run, tmp_path: Path) -> None:
    thesis = tmp_path / "var" / "demo" / "thesis.tex"
    thesis.parent.mkdir(parents=True)
    thesis.write_text("years of work")
    ran = run("demo", "--once")
    assert ran.code == 4
    assert "MOOCFEED_DATA_DIR" in ran.err
    assert ran.err.count("\n") == 1
    assert thesis.read_text() == "years of work"
