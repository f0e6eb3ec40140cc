"""The secret key that is kept in the data dir."""

import contextlib
import os
import secrets
from pathlib import Path

NAME = "secret.key"


def path_in(folder: Path) -> Path:
    return folder / NAME


def kept(folder: Path) -> bytes:
    """The key in this folder; it is made where there is none. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_in(folder)
    if not path.exists():
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Written in full under another name first: whoever starts at the same moment reads all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
