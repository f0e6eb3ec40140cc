"""The ES module of `<course-feed>`: its script, with the style and the words it needs."""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import orjson

from app.embed.words import words

HERE = Path(__file__).parent
ADDRESS = "/embed/v1/course-feed.js"
_NOT_SENT = re.compile(r"^[ ]*/\*.*?\*/\n|[ ]*// [^'\"`\n]*$|^[ ]+|^\n", re.M | re.S)
"""Comments that begin a line or end one, indentation, empty lines: they are for who writes it."""


@dataclass(frozen=True, slots=True)
class Module:
    """The module's bytes, and the name of just these bytes."""

    body: bytes
    zipped: bytes
    digest: str

    @property
    def address(self) -> str:
        """Its path with its version: what is there never changes."""
        return f"{ADDRESS}?v={self.digest}"


@cache
def module() -> Module:
    """As this program has it."""
    script, style = (
        _NOT_SENT.sub("", (HERE / name).read_text(encoding="utf-8"))
        for name in ("course-feed.js", "course-feed.css")
    )
    body = _filled(_filled(script, "STYLE", '""', style), "WORDS", "{}", words()).encode()
    digest = blake2b(body, digest_size=5).hexdigest()
    return Module(body, gzip.compress(body, 9, mtime=0), digest)


def _filled(script: str, name: str, empty: str, value: object) -> str:
    """The script with a value in the place it keeps for it."""
    place = f"const {name} = {empty};"
    if script.count(place) != 1:
        raise ValueError(f"course-feed.js must hold `{place}` once")
    return script.replace(place, f"const {name} = {orjson.dumps(value).decode()};")
