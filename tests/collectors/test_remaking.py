"""Strangers' pictures: what comes out is small, upright, without notes, and never what came in."""

import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageDraw

from collectors.contract import CollectError
from collectors.pictures import AVATAR, WIDTHS
from collectors.remaking import MOST_PIXELS, remade
from tests.pictures import encoded, opened, png_of, shades


def only(body: bytes, width: int = WIDTHS[0]) -> Image.Image:
    return opened(remade(body, (width,))[width])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_all_kinds_become_webp_in_all_widths(kind: str) -> None:
    made = remade(encoded(shades(2000, 1000), kind), WIDTHS)
    sizes = {width: opened(body).size for width, body in made.items()}
    assert sizes == {640: (640, 320), 1280: (1280, 640)}
    assert {opened(body).format for body in made.values()} == {"WEBP"}


@pytest.mark.parametrize(
    ("size", "expected"),
    [((300, 200), (300, 200)), ((1, 1), (1, 1)), ((500, 5000), (192, 1920)), ((5000, 1), (640, 1))],
)
def test_nothing_grows_and_towers_become_narrow(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert only(png_of(*size)).size == expected


def test_an_avatar_is_the_middle_square() -> None:
    picture = Image.new("RGB", (400, 200), "red")
    ImageDraw.Draw(picture).rectangle((100, 0, 299, 199), fill="blue")
    found = only(encoded(picture, "PNG"), AVATAR)
    assert found.size == (AVATAR, AVATAR)
    assert _is(found.getpixel((2, 48)), "blue")
    assert only(png_of(40, 50), AVATAR).size == (40, 40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_is_turned_as_exif_says_and_loses_all_notes(kind: str) -> None:
    picture = Image.new("RGB", (60, 30), "red")
    ImageDraw.Draw(picture).rectangle((0, 0, 29, 29), fill="blue")
    exif = Image.Exif()
    exif[0x0112] = 6  # what is left was up
    exif[0x010F] = "Camera of somebody"
    noted = encoded(picture, kind, exif=exif, xmp=b"<x:xmpmeta>Somebody</x:xmpmeta>")
    assert b"omebody" in noted
    made = remade(noted, (640,))[640]
    found = opened(made)
    assert found.size == (30, 60)
    assert _is(found.getpixel((15, 5)), "blue")
    assert not found.getexif()
    assert b"omebody" not in made


def test_of_an_animation_the_first_frame_stays() -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("blue", "red", "red")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert getattr(opened(moving), "n_frames", 1) > 1
    found = only(moving)
    assert getattr(found, "n_frames", 1) == 1
    assert _is(found.getpixel((25, 25)), "blue")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_clear_stays_clear(mode: str) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0)).convert(mode)
    body = encoded(clear, "PNG", **({"transparency": 0} if mode == "P" else {}))
    found = only(body)
    assert found.mode == "RGBA"
    assert found.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("mode", ["L", "1", "I;16", "CMYK"])
def test_odd_colours_are_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert only(encoded(Image.new(mode, (20, 20)), kind)).mode == "RGB"


def test_forty_megapixels_are_reduced() -> None:
    for kind in ("JPEG", "PNG"):
        assert only(encoded(Image.new("RGB", (8000, 5000), "red"), kind)).size == (640, 400)


@pytest.mark.parametrize("times", [1.1, 3, 1000])
def test_bombs_are_refused_before_they_are_decoded(times: float) -> None:
    side = int((MOST_PIXELS * times) ** 0.5)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b""))
    body = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    assert _refused(body) == "huge-picture"


SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script>
<image href="http://127.0.0.1/secret"/></svg>"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-a-picture"),
        (b"<!doctype html><title>Not here</title>", "not-a-picture"),
        (SVG, "not-a-picture"),
        (b'<?xml version="1.0"?>' + SVG, "not-a-picture"),
        (b"BM" + bytes(60), "not-a-picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not-a-picture"),
    ],
)
def test_what_is_none_of_the_kinds_is_refused(body: bytes, code: str) -> None:
    assert _refused(body) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_what_broke_off_is_refused(kind: str, share: float) -> None:
    body = encoded(shades(300, 200, noise=True), kind)
    assert _refused(body[: int(len(body) * share)]) in {"broken-picture", "not-a-picture"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_damage_anywhere_is_a_picture_or_a_refusal(kind: str) -> None:
    body = encoded(shades(60, 40, noise=True), kind)
    for at in range(0, len(body), max(1, len(body) // 150)):
        damaged = body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]
        assert _fate(damaged) in {"a picture", "broken-picture", "not-a-picture", "huge-picture"}


def _fate(body: bytes) -> str:
    try:
        made = remade(body, WIDTHS)
    except CollectError as error:
        return error.code
    return "a picture" if all(opened(one).format == "WEBP" for one in made.values()) else "what?"


def _refused(body: bytes) -> str:
    with pytest.raises(CollectError) as refused:
        remade(body, WIDTHS)
    return refused.value.code


def _is(pixel: Any, colour: str) -> bool:
    """Compression moves colours a little."""
    strong, weak = (pixel[2], pixel[0]) if colour == "blue" else (pixel[0], pixel[2])
    return bool(strong > 200 and weak < 80)
