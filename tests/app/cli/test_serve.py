"""`serve` and `migrate`: what stops them before they begin. (tests/system starts them for real.)"""

import json
import socket
from pathlib import Path

import pytest

from tests.app.cli.conftest import Run


def test_migrate_says_from_where_to_where(run: Run) -> None:
    first = run("migrate")
    assert first.code == 0
    assert "from nothing to" in first.out
    again = run("migrate")
    assert again.code == 0
    assert "newest already" in again.out
    state = json.loads(run("migrate", "--json").out)
    assert state["from"] == state["to"]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use(run: Run, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run(command, "--port", str(port))
    assert (ran.code, ran.out) == (1, "")
    assert f"127.0.0.1:{port}" in ran.err
    assert "--port" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("host", ["nobody.invalid", "192.0.2.1"])
def test_an_address_that_is_not_of_this_machine(run: Run, host: str) -> None:
    ran = run("serve", "--host", host)
    assert ran.code == 1
    assert "--host" in ran.err


@pytest.mark.parametrize(
    "arguments", [["--port", "65536"], ["--port", "x"], ["--workers", "0"], ["--what"], ["more"]]
)
def test_usage(run: Run, arguments: list[str]) -> None:
    ran = run("serve", *arguments)
    assert (ran.code, ran.out) == (2, "")


def test_a_file_that_is_no_database(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "var" / "moocfeed.db"
    file.parent.mkdir()
    file.write_bytes(b"this is a text file, not a database" * 100)
    ran = run("serve", "--port", "0")
    assert ran.code == 1
    assert "no SQLite database" in ran.err
    assert ran.err.count("\n") == 1
