"""Small pictures for tests, made by Pillow when they are needed."""

import io
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def png_of(width: int, height: int, colour: str = "red") -> bytes:
    return encoded(Image.new("RGB", (width, height), colour), "PNG")


def shades(width: int, height: int, *, noise: bool = False) -> Image.Image:
    """Grey, from dark to light or at random: enough for encoders to work on."""
    size = (width, height)
    drawn = Image.effect_noise(size, 50) if noise else Image.linear_gradient("L").resize(size)
    return drawn.convert("RGB")


def opened(body: bytes) -> Image.Image:
    """Read to its end."""
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture
