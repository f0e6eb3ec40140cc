"""What a person sees in a terminal, and Ctrl+C."""

import json
import re
from pathlib import Path

import psutil
import pytest

from tests.system.service import Installation, alive, free_port
from tests.system.terminal import CTRL_C, terminal
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_the_demo_from_the_first_line_to_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with terminal(Installation(tmp_path, {}), "demo", "--port", str(port)) as screen:
        screen.until("Ctrl+C ends it")
        assert "28/28" in screen.shown
        assert COLOUR.search(screen.shown)
        assert "fail on purpose" in screen.shown
        assert f"http://127.0.0.1:{port}/demo " in screen.shown
        family = wait_for(lambda: psutil.Process(screen.process.pid).children(recursive=True))
        screen.press(CTRL_C)
        assert screen.end() == 0
        after = screen.shown.partition("Ctrl+C ends it")[2]
        assert "Traceback" not in after
        assert "error" not in after
    wait_for(lambda: not [child for child in family if alive(child)], 12)


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        (["demo", "--port", "0"], "new posts"),
        (["demo", "--port", "0"], "Ctrl+C ends it"),
        (["serve", "--port", "0"], "serves on"),
        (["serve", "--port", "0"], "collecting"),
        (["collect"], "collecting"),
    ],
)
def test_ctrl_c_at_any_moment(tmp_path: Path, command: list[str], moment: str) -> None:
    """It ends soon, with a code of ours, and without a traceback or a complaint."""
    with terminal(Installation(tmp_path, {}), *command) as screen:
        screen.until(moment)
        screen.press(CTRL_C)
        assert screen.end() in {0, 1}
        assert "Traceback" not in screen.shown
        assert "restarting" not in screen.shown
        assert "never awaited" not in screen.shown


def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    with terminal(Installation(tmp_path, {}), "demo", "--once", NO_COLOR="1") as screen:
        assert screen.end() == 0
        assert "28/28" in screen.shown
        assert not COLOUR.search(screen.shown)
    with terminal(Installation(tmp_path, {}), "collect", NO_COLOR="1") as screen:
        screen.until("collecting")
        screen.press(CTRL_C)
        screen.end()
        assert not COLOUR.search(screen.shown)


def test_ids_stay_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    demo = Installation(tmp_path, {})
    demo.run("demo", "--once")
    collected = Installation(tmp_path, {"MOOCFEED_DATA_DIR": str(tmp_path / "var" / "demo")})
    rows = json.loads(collected.run("source", "list", "--json"))
    with terminal(collected, "source", "list", columns=80) as screen:
        assert screen.end() == 0
    lines = screen.shown.splitlines()
    for row in rows:
        line = next(line for line in lines if line.startswith(row["id"]))
        assert len(line) <= 80
    piped = collected.run("source", "list").splitlines()
    assert all(any(row["url"] in line for line in piped) for row in rows)


def test_a_password_is_asked_for_twice_and_never_shown(tmp_path: Path) -> None:
    installation = Installation(tmp_path, {})
    arguments = ("user", "add", "ada@example.org", "--role", "admin")
    with terminal(installation, *arguments) as screen:
        for question in ("Password: ", "Once more: "):
            screen.until(question)
            screen.press(b"ein ganzer Satz\n")
        assert screen.end() == 0
    assert "may log in as admin" in screen.shown
    assert "Satz" not in screen.shown
    assert [user["role"] for user in installation.run_json("user", "list")] == ["admin"]
