"""Small pictures without any library: bars for posts, a pattern for each account."""

import random
import struct
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 360
AVATAR = 96
_BARS = 8
_CELLS = 6
_PAPER, _INK = bytes((250, 248, 243)), bytes((60, 66, 82))


def bars(seed: str) -> bytes:
    """A bar chart as PNG, `WIDTH` × `HEIGHT`, the same for each seed."""
    chance = random.Random(seed)  # noqa: S311 - the same picture each time is wanted
    colour = _colour(chance)
    heights = [chance.randint(HEIGHT // 6, HEIGHT - 40) for _ in range(_BARS)]
    step = WIDTH // _BARS
    rows: list[bytes] = []
    for y in range(HEIGHT):
        ground = y >= HEIGHT - 6
        row = b"".join(
            (colour if HEIGHT - y <= height else _PAPER) * (step - 16) + _PAPER * 16
            for height in heights
        )
        rows.append(_INK * WIDTH if ground else row)
    return _png(WIDTH, rows)


def avatar(seed: str) -> bytes:
    """A symmetrical pattern as PNG, `AVATAR` pixels wide and high."""
    chance = random.Random(seed)  # noqa: S311 - the same picture each time is wanted
    colour, size = _colour(chance), AVATAR // _CELLS
    rows: list[bytes] = []
    for _ in range(_CELLS):
        half = [chance.choice((colour, _PAPER)) for _ in range(_CELLS // 2)]
        row = b"".join(cell * size for cell in half + half[::-1])
        rows += [row] * size
    return _png(AVATAR, rows)


def _colour(chance: random.Random) -> bytes:
    return bytes(chance.randint(50, 190) for _ in range(3))


def _png(width: int, rows: Sequence[bytes]) -> bytes:
    """8-bit RGB; PNG specification, sections 5.3 and 11.2."""
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
