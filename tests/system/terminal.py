"""`moocfeed` in a terminal: what a person sees, and the keys they press."""

import codecs
import errno
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.system.service import COMMAND, Installation
from tests.waiting import LONGEST

CTRL_C = b"\x03"


class Terminal:
    """A process with a terminal of its own. `shown` is all it has printed so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self.process = process
        self.shown = ""
        self._master = master
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def until(self, text: str) -> None:
        """Waits until `text` has been printed."""
        limit = time.monotonic() + LONGEST
        while text not in self.shown:
            assert time.monotonic() < limit, f"{text!r} was not printed: {self.shown}"
            assert self._read(), f"it ended without {text!r}: {self.shown}"

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def end(self) -> int:
        """Waits for its end; the exit code."""
        while self._read():
            pass
        return self.process.wait(LONGEST)

    def _read(self) -> bool:
        """Takes in what is printed next; False when nothing will be."""
        ready, _, _ = select.select([self._master], [], [], LONGEST)
        assert ready, f"nothing is printed any more: {self.shown}"
        try:
            read = os.read(self._master, 65536)
        except OSError as error:
            if error.errno == errno.EIO:  # Linux's way of saying that the other end is closed
                return False
            raise
        self.shown += self._decoder.decode(read)
        return bool(read)


@contextmanager
def terminal(
    installation: Installation, *arguments: str, columns: int = 80, **settings: str
) -> Iterator[Terminal]:
    """`moocfeed` in a terminal of so many columns; killed at the end, if it has not ended."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environ = installation.environ({"TERM": "xterm-256color", **settings})
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=installation.folder,
        env=environ,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        # Ctrl+C goes to whom the terminal controls.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call, no lock
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(master)
