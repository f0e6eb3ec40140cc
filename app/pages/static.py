"""The pages' own files, under names that change with their content: they are kept for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

HERE = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    media_type: str


@cache
def files() -> Mapping[str, File]:
    """By the name they have in addresses."""
    paths = [path for path in sorted(HERE.iterdir()) if path.suffix in MEDIA_TYPES]
    return {_name(path): File(path.read_bytes(), MEDIA_TYPES[path.suffix]) for path in paths}


@cache
def address(name: str) -> str:
    """`site.css` -> `/static/site.0a1b2c3d4e.css`."""
    return f"/static/{_name(HERE / name)}"


def _name(path: Path) -> str:
    digest = blake2b(path.read_bytes(), digest_size=5).hexdigest()
    return f"{path.stem}.{digest}{path.suffix}"
