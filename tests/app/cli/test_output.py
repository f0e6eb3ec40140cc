"""Where the output goes: full disks, closed streams, readers that leave."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.app.cli.conftest import Run

MOOCFEED = "from app.cli import main; main()"


def shell(
    redirected: str, *arguments: str, unbuffered: str = ""
) -> "subprocess.CompletedProcess[str]":
    """`moocfeed` in a process of its own, its streams redirected by a shell."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-c", MOOCFEED, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        (("course", "list", "--json"), ""),
        (("course", "list", "--json"), "1"),
        (("settings",), ""),
        (("--help",), ""),
    ],
)
def test_a_full_disk(command: Sequence[str], unbuffered: str) -> None:
    ran = shell("> /dev/full", *command, unbuffered=unbuffered)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "moocfeed: nothing more can be written (No space left on device)" in ran.stderr


@pytest.mark.parametrize("command", [("course", "list"), ("settings", "--json")], ids=" ".join)
def test_closed_streams(run: Run, command: Sequence[str]) -> None:
    assert run("migrate").code == 0
    ran = shell("<&- >&-", *command)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert run("course", "list").code == 0  # nothing was written into the database


def test_a_reader_that_leaves() -> None:
    ran = shell("| true", "settings")
    assert ran.stderr == ""


def test_other_faults_are_not_the_outputs(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "a device fails")

    monkeypatch.setattr("app.cli._run", broken)
    with pytest.raises(OSError, match="a device fails"):
        run("settings")
