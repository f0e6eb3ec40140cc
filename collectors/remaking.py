"""Strangers' pictures made anew: what is shown was encoded here, and carries nothing along.

Runs in a parse worker (`collectors.parsing`), which ends where a decoder loops or wants too much
memory.
"""

import io
import warnings
from collections.abc import Mapping
from typing import Final

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from collectors.contract import CollectError
from collectors.pictures import AVATAR

TALLEST: Final = 3
"""Times its width that a picture may be high; what is taller becomes narrower."""
MOST_PIXELS: Final = 50_000_000
"""Of a picture that is read at all: a camera's largest, 200 MB as they are decoded."""
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
"""SVG is none of them: it is a document, with scripts and addresses in it."""
PLUGINS: Final = (
    *(JpegImagePlugin, PngImagePlugin, GifImagePlugin),
    *(WebPImagePlugin, AvifImagePlugin),
)
"""Loaded here, before the first fork: Pillow would look for them, and all others, at each."""
QUALITY: Final = 78
_PLAIN: Final = frozenset({"RGB", "RGBA"})

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def remade(body: bytes, widths: tuple[int, ...]) -> Mapping[int, bytes]:
    """The picture as WebP, for each of the `widths`; that of `AVATAR` is a square.

    Turned as its EXIF says, without EXIF or any other note, of an animation the first frame; never
    larger than it was. Raises `CollectError`: `not-a-picture`, `broken-picture`, `huge-picture`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a decoder forgives is nobody's business
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = _read(body, max(widths))
            return {width: _encoded(picture, width) for width in widths}
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _refused(
                "huge-picture",
                f"has more than the {MOST_PIXELS // 1_000_000} million pixels that are read",
            ) from None
        except UnidentifiedImageError:
            raise _refused("not-a-picture", "is none, or of a kind that is not shown") from None
        except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
            raise _refused("broken-picture", f"cannot be read ({error})") from None


def _refused(code: str, problem: str) -> CollectError:
    return CollectError(code, f"The picture {problem}.", mend="Publish it as JPEG, PNG or WebP.")


def _read(body: bytes, widest: int) -> Image.Image:
    """The first frame, upright, in colours that WebP has, hardly larger than needed."""
    side = TALLEST * widest
    with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
        # A JPEG is decoded at an eighth to a half of its size, its shorter side no less than this.
        picture.draft(None, (widest, widest))
        picture.load()
        plain = picture if picture.mode in _PLAIN else picture.convert(_mode(picture))
    plain.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    ImageOps.exif_transpose(plain, in_place=True)
    return plain


def _mode(picture: Image.Image) -> str:
    return "RGBA" if picture.has_transparency_data else "RGB"


def _encoded(picture: Image.Image, width: int) -> bytes:
    if width == AVATAR:
        side = min(AVATAR, *picture.size)
        fitted = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    else:
        fitted = picture.copy()
        fitted.thumbnail((width, TALLEST * width), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    fitted.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
