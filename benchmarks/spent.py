"""What a command costs: wall time, and CPU time of itself and all its children."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Spent:
    """In seconds."""

    wall: float
    cpu: float
    """User and system time, children included as far as they were waited for."""
    output: str = ""
    """What it wrote to standard output."""


class Failed(RuntimeError):
    """A command that is measured ended with an error."""


def spent_by(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Spent:
    """Runs a command to its end. Raises `Failed` where it exits with another code than 0."""
    out, err = folder / "standard-output", folder / "standard-error"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        # wait4 tells this one's resources; those of all children together would mix the peers.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{err.read_text()}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, out.read_text())


def middle(rounds: Sequence[Spent]) -> Spent:
    """The medians."""
    return Spent(median(each.wall for each in rounds), median(each.cpu for each in rounds))
