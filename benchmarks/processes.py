"""Processes of a benchmark: started in the background, ended by their id, waited for."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = 60.0
"""Seconds a server may take until it answers."""
END = 15.0
"""Seconds it may take to end."""

Process = subprocess.Popen[bytes]


def environment(**settings: str) -> dict[str, str]:
    """This process' own, without moocfeed's settings but those given; modules of the tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOOCFEED_")}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


@contextlib.contextmanager
def ended(process: Process) -> Iterator[Process]:
    """The process while the block runs; then SIGTERM, and SIGKILL where that is not obeyed."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_answers(host: str, port: int, process: Process) -> None:
    """Until a connection is taken up. Raises `RuntimeError` where the process ends before."""
    limit = time.monotonic() + START
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on {host}:{port}")
