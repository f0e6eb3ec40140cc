"""Pictures on disk, shared by all web processes of a machine; what was used longest ago goes first.

A file is called `{name}.{width}.{course}.{post}.webp`: the post is the one it was fetched for, and
takes it along when it is no longer visible. `{name}.0.{course}.{post}.failed` says that nothing
came, and why. Files are written whole or not at all; the time of their content is when they were
fetched, that of their access when they were used.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIMIT: Final = 1024 * 1024 * 1024
"""Bytes of all pictures together."""
ROOM: Final = 0.9
"""Share of the limit that is kept where it was reached."""
FRESH: Final = 30 * 86400.0
"""Seconds after which a picture is fetched again: avatars change at the same address."""
USED: Final = 3600.0
"""Seconds between two notes of a picture's use."""
BRIEF, LASTING = 600.0, 86400.0
"""Seconds a failure is remembered: one that may pass, and one of the picture itself."""
PASSING: Final = frozenset(
    {"timeout", "connect", "dns", "tls", "bad-body", "http-429", "parse-crash"}
    | {f"http-{status}" for status in range(500, 600)}
)
"""Codes of failures that may pass."""

Visible = Callable[[str, Collection[str]], Collection[str]]
"""(course, posts) -> those that are visible."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The post that a picture was fetched for."""

    course: str
    post: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture from the shelf."""

    body: bytes
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came, not long ago. `code` is that of the `CollectError`."""

    code: str


@dataclass(frozen=True, slots=True)
class _File:
    """What a file's name says, with its times and size."""

    path: Path
    name: str
    width: int
    owner: Owner
    fetched: float
    used: float
    size: int

    @classmethod
    def of(cls, entry: "os.DirEntry[str]") -> "_File | None":
        """None for what is no picture, or has just gone."""
        parts = entry.name.split(".")
        if len(parts) != 5 or not parts[1].isdecimal():
            return None
        try:
            stat = entry.stat()
        except FileNotFoundError:
            return None
        name, width, course, post, _ = parts
        owner = Owner(course, post)
        times = (stat.st_mtime, stat.st_atime)
        return cls(Path(entry.path), name, int(width), owner, *times, stat.st_size)


class Shelf:
    """The pictures in one folder. `now` is in seconds since the epoch, everywhere.

    Raises `OSError` where the folder cannot be used, but not for what others take away meanwhile.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit

    def find(self, name: str, width: int, now: float) -> Kept | Failed | None:
        """A picture, the freshest of it; a failure that still counts; else None."""
        known = sorted(self._known(name), key=lambda file: file.fetched, reverse=True)
        for file in known:
            if file.width == width and (body := _read(file, now)) is not None:
                return Kept(body, is_fresh=now - file.fetched < FRESH)
        return next((failed for file in known if (failed := _failed(file, now))), None)

    def put(self, name: str, owner: Owner, made: Mapping[int, bytes], now: float) -> int:
        """Keeps a picture in its widths, in the place of what is known of it; returns its bytes."""
        before = list(self._known(name))
        written = {
            self._write(f"{name}.{width}.{owner.course}.{owner.post}.webp", body, now)
            for width, body in made.items()
        }
        for file in before:
            if file.path not in written and (file.width in made or file.width == 0):
                file.path.unlink(missing_ok=True)
        return sum(map(len, made.values()))

    def fail(self, name: str, owner: Owner, widths: Collection[int], code: str, now: float) -> None:
        """Notes that nothing came. What there was of it before counts as fetched now."""
        kept = [file for file in self._known(name) if file.width in widths]
        for file in kept:
            with contextlib.suppress(FileNotFoundError):
                os.utime(file.path, (now, now))
        if not kept:
            self._write(f"{name}.0.{owner.course}.{owner.post}.failed", code.encode(), now)

    def tidy(self, visible: Visible, now: float) -> None:
        """Takes out what belongs to posts that are not visible, and what is too much.

        One process at a time; another leaves it to that one.
        """
        if not self._folder.is_dir():
            return
        with self._alone() as alone:
            if alone:
                files = list(_without_hidden(self._all(now), visible))
                self._make_room(files)

    def _make_room(self, files: list[_File]) -> None:
        total = sum(file.size for file in files)
        if total <= self._limit:
            return
        for file in sorted(files, key=lambda file: file.used):
            if total <= ROOM * self._limit:
                return
            file.path.unlink(missing_ok=True)
            total -= file.size

    def _all(self, now: float) -> Iterator[_File]:
        for folder in sorted(path for path in self._folder.iterdir() if path.is_dir()):
            with os.scandir(folder) as entries:
                for entry in entries:
                    file = _File.of(entry)
                    if file is not None:
                        yield file
                    elif _is_abandoned(entry, now):
                        Path(entry.path).unlink(missing_ok=True)

    def _known(self, name: str) -> Iterator[_File]:
        try:
            with os.scandir(self._folder / name[:2]) as entries:
                found = [_File.of(entry) for entry in entries if entry.name.startswith(f"{name}.")]
        except FileNotFoundError:
            return
        yield from (file for file in found if file is not None)

    def _write(self, called: str, body: bytes, now: float) -> Path:
        path = self._folder / called[:2] / called
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{secrets.token_hex(8)}.draft")
        try:
            draft.write_bytes(body)
            os.utime(draft, (now, now))
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return path

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        with (self._folder / "lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def _read(file: _File, now: float) -> bytes | None:
    """Its body; None where it has just gone, or broke off when the machine did."""
    try:
        body = file.path.read_bytes()
        if now - file.used > USED:
            os.utime(file.path, (now, file.fetched))
    except FileNotFoundError:
        return None
    is_whole = body[:4] == b"RIFF" and int.from_bytes(body[4:8], "little") + 8 == len(body)
    return body if is_whole else None


def _failed(file: _File, now: float) -> Failed | None:
    if file.width:
        return None
    try:
        code = file.path.read_text("ascii")
    except FileNotFoundError:
        return None
    lasts = BRIEF if code in PASSING else LASTING
    return Failed(code) if now - file.fetched < lasts else None


def _is_abandoned(entry: "os.DirEntry[str]", now: float) -> bool:
    """A draft whose writer has ended."""
    try:
        return entry.name.endswith(".draft") and now - entry.stat().st_mtime > USED
    except FileNotFoundError:
        return False


def _without_hidden(files: Iterator[_File], visible: Visible) -> Iterator[_File]:
    """The files of visible posts; the others are removed."""
    found = list(files)
    posts: dict[str, set[str]] = {}
    for file in found:
        posts.setdefault(file.owner.course, set()).add(file.owner.post)
    shown = {course: frozenset(visible(course, ids)) for course, ids in posts.items()}
    for file in found:
        if file.owner.post in shown[file.owner.course]:
            yield file
        else:
            file.path.unlink(missing_ok=True)
