"""Starting moocfeed as an operator does, and looking at what it leaves behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.waiting import LONGEST, wait_for

COMMAND = (sys.executable, "-c", "from app.cli import main; main()")


@dataclass(frozen=True)
class Installation:
    """A data dir, and the settings that go with it."""

    folder: Path
    settings: Mapping[str, str]

    def environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The environment of its processes: none of the developer's settings."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("MOOCFEED_")
        }
        own = {"MOOCFEED_DATA_DIR": str(self.folder / "var")}
        return {**kept, **own, **self.settings, **settings}

    def start(
        self, *arguments: str, takes_input: bool = False, **settings: str
    ) -> "subprocess.Popen[str]":
        """A `moocfeed` process; the caller ends it."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environ(settings),
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, code: int | None = 0, given: str | None = None, **settings: str
    ) -> str:
        """Standard output of a command, which must end with `code` unless that is None; `given`
        is its standard input.
        """
        with self.start(*arguments, takes_input=given is not None, **settings) as process:
            out, err = process.communicate(given, timeout=LONGEST)
        assert code is None or process.returncode == code, f"{process.returncode}: {err}"
        return out

    def run_json(self, *arguments: str, code: int | None = 0, **settings: str) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code, **settings))


@contextlib.contextmanager
def serving(installation: Installation, *arguments: str) -> Iterator[tuple[str, psutil.Process]]:
    """`moocfeed serve` on a free port: its address and process. Ended by SIGTERM."""
    port = free_port()
    process = installation.start("serve", "--port", str(port), *arguments)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{base}/readyz"))
        yield base, psutil.Process(process.pid)
    finally:
        end(process)


def end(process: "subprocess.Popen[str]", seconds: float = 15) -> int:
    """SIGTERM, then SIGKILL for what does not obey; the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def get_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=20) as response:
        return json.load(response)


def all_posts(base: str, course: str) -> list[dict[str, Any]]:
    """Every post of a course, over the API's pages."""
    url: str | None = f"{base}/api/v1/courses/{course}/posts?limit=100"
    found: list[dict[str, Any]] = []
    while url is not None:
        page = get_json(url.replace("http://127.0.0.1:8000", base))
        found += page["items"]
        url = page["next"]
    return found


def alive(process: psutil.Process) -> bool:
    """Whether it runs; a process that nobody has buried yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
