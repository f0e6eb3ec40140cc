"""Logs: one JSON object a line, or readable; never in colours that nobody asked for."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from app import logs


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("json")
    logging.getLogger("app.sample").info("source %s: %d new", "3jfrw5fdd4", 7)
    try:
        raise ValueError("a\nb")
    except ValueError:
        logging.getLogger("app.sample").exception("it failed")
    first, second = (json.loads(line) for line in written.getvalue().splitlines())
    assert first["event"] == "source 3jfrw5fdd4: 7 new"
    assert (first["level"], first["logger"]) == ("info", "app.sample")
    assert first["timestamp"].endswith("Z")
    assert "ValueError: a" in second["exception"]


def test_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("json", level=logging.ERROR)
    logging.getLogger("app.sample").warning("not said")
    logging.getLogger("app.sample").error("said")
    assert [json.loads(line)["event"] for line in written.getvalue().splitlines()] == ["said"]


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours(monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("NO_COLOR", no_color)
    logs.configure("console")
    logging.getLogger("app.sample").warning("something happened")
    assert "something happened" in screen.getvalue()
    assert ("\x1b[" in screen.getvalue()) is coloured


def test_libraries_do_not_chatter(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("json")
    for name in ("uvicorn.access", "apscheduler", "alembic"):
        logging.getLogger(name).info("chatter")
    logging.getLogger("uvicorn.error").info("said once")
    assert [json.loads(line)["event"] for line in written.getvalue().splitlines()] == ["said once"]
