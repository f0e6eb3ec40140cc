import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.bodies import MEMBERS, read_body
from collectors.contract import CollectError

MEBIBYTE = 1024 * 1024


def read(chunks: Iterable[bytes], coding: str = "", limit: int = MEBIBYTE) -> bytes:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return asyncio.run(read_body(stream(), coding, limit))


def code(chunks: Iterable[bytes], coding: str = "", limit: int = MEBIBYTE) -> str:
    with pytest.raises(CollectError) as caught:
        read(chunks, coding, limit)
    return caught.value.code


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_every_coding_gives_the_body_back_however_it_is_cut(data: bytes, size: int) -> None:
    members = gzip.compress(data[:7]) + gzip.compress(data[7:])
    assert read(cut(data, size)) == data
    assert read(cut(data, size), "identity") == data
    assert read(cut(gzip.compress(data), size), "gzip") == data
    assert read(cut(members, size), "X-GZIP, identity") == data
    assert read(cut(zlib.compress(data), size), "deflate") == data
    assert read(cut(raw_deflate(data), size), " Deflate ") == data


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_truncated_body_is_an_error(data: bytes, draw: st.DataObject) -> None:
    for coding, whole in (
        ("gzip", gzip.compress(data)),
        ("deflate", zlib.compress(data)),
        ("deflate", raw_deflate(data)),
    ):
        end = draw.draw(st.integers(1, len(whole) - 1))
        assert code([whole[:end]], coding) == "bad-body"


def test_a_truncated_second_member_is_an_error() -> None:
    first = gzip.compress(b"one")
    for length in range(1, len(first)):
        assert code([first + first[:length]], "gzip") == "bad-body"


def test_an_empty_body_is_empty_in_every_coding() -> None:
    assert [read([], coding) for coding in ("", "gzip", "deflate")] == [b"", b"", b""]


def test_padding_after_the_last_member_is_left_out() -> None:
    assert read([gzip.compress(b"x") + b"\0" * 100, b"\0"], "gzip") == b"x"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "deflate, gzip", "compress"])
def test_other_codings_and_several_are_errors(coding: str) -> None:
    assert code([gzip.compress(gzip.compress(b"x"))], coding) == "bad-body"


def test_a_body_that_is_not_in_its_coding_is_an_error() -> None:
    assert code([b"<rss/>"], "gzip") == "bad-body"
    assert code([b"<rss/>"], "deflate") == "bad-body"


def test_a_wrong_checksum_is_an_error() -> None:
    body = bytearray(gzip.compress(b"some text"))
    body[-6] ^= 1
    assert code([bytes(body)], "gzip") == "bad-body"


def test_the_limit_counts_decoded_bytes_and_is_itself_allowed() -> None:
    for coding, coded in (
        ("", lambda data: data),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
    ):
        assert len(read([coded(b"x" * 1000)], coding, limit=1000)) == 1000
        assert code([coded(b"x" * 1001)], coding, limit=1000) == "too-large"


def test_a_bomb_stays_small_in_memory() -> None:
    bomb = gzip.compress(b"\0" * (200 * MEBIBYTE), compresslevel=1)
    tracemalloc.start()
    try:
        assert code(cut(bomb, 65536), "gzip", limit=2 * MEBIBYTE) == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 12 * MEBIBYTE
    finally:
        tracemalloc.stop()


def test_endless_nothing_ends() -> None:
    empty = gzip.compress(b"")
    assert code([empty] * (MEMBERS + 1), "gzip") == "bad-body"

    def padding() -> Iterable[bytes]:
        yield empty
        while True:
            yield b"\0" * 65536

    assert code(padding(), "gzip") == "too-large"
