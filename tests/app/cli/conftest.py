"""The command line in this process, with a data dir of its own."""

import gc
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import cli


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the developer's, and none of their files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOOCFEED_DATA_DIR", str(tmp_path / "var"))
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `moocfeed` with these arguments."""

    def command(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["moocfeed", *arguments])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command
