"""Reads a body to its end, takes its content coding off, and never holds more than its limit.

Done here because HTTP clients drop the gzip members after the first, take a truncated body for a
whole one, and unpack 2 kB into a gigabyte in one step.
"""

import zlib
from collections.abc import AsyncIterable, Iterable
from typing import Protocol

from collectors.contract import CollectError

CODINGS = "gzip, deflate"
"""What `Accept-Encoding` may name."""
STEP = 64 * 1024
"""Bytes decoded at a time."""
MEMBERS = 1000
"""Members of one gzip body; each costs time, even an empty one."""
OVERHEAD = 64 * 1024
"""Bytes that a coded body may be longer than its plain limit."""


async def read_body(chunks: AsyncIterable[bytes], content_encoding: str, limit: int) -> bytes:
    """The decoded body, of at most `limit` bytes.

    `content_encoding` is the header's value, empty if there was none: `gzip` or `deflate` (RFC 9110
    §8.4.1; zlib's form or raw), once. Raises `CollectError`: `too-large`, `bad-body`.
    """
    decoder = _decoder(content_encoding)
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit + OVERHEAD:
            raise too_large(limit)
        for piece in decoder.decode(chunk):
            body += piece
            if len(body) > limit:
                raise too_large(limit)
    if received and not decoder.finished:
        raise _bad("broke off before its end")
    return bytes(body)


def too_large(limit: int) -> CollectError:
    """The body, decoded, is longer than `limit` bytes."""
    return CollectError(
        "too-large",
        f"The answer is longer than the {limit / 1048576:.3g} MiB that are read.",
        mend="Give an address that answers with less, such as a feed of the newest entries only.",
    )


def _bad(problem: str) -> CollectError:
    return CollectError(
        "bad-body",
        f"The answer's body {problem}.",
        mend="if it stays, the site's compression has to be mended",
        passing=True,
    )


class _Decoder(Protocol):
    @property
    def finished(self) -> bool:
        """Whether the body may end here."""

    def decode(self, chunk: bytes) -> Iterable[bytes]:
        """The next bytes, decoded, in pieces of at most `STEP`; raises `CollectError`."""


def _decoder(content_encoding: str) -> _Decoder:
    names = (name.strip().lower() for name in content_encoding.split(","))
    match [name for name in names if name not in {"", "identity"}]:
        case []:
            return _Identity()
        case ["gzip" | "x-gzip"]:
            return _Gzip()
        case ["deflate"]:
            return _Deflate()
        case [other]:
            raise _bad(f"is in a coding that was not asked for ({other[:20]})")
        case _:
            raise _bad("is coded more than once")


class _Identity:
    finished = True

    def decode(self, chunk: bytes) -> Iterable[bytes]:
        return (chunk,)


class _Gzip:
    """RFC 1952: one member after another; zeros or other padding behind the last are left out."""

    def __init__(self) -> None:
        self._members = 0
        self._padding = False
        self._inflate: zlib._Decompress | None = None

    @property
    def finished(self) -> bool:
        return self._inflate is None

    def decode(self, chunk: bytes) -> Iterable[bytes]:
        while chunk and not self._padding:
            if self._inflate is None and not self._begin(chunk):
                return
            assert self._inflate is not None
            yield from _inflated(self._inflate, chunk)
            chunk = self._inflate.unused_data
            if self._inflate.eof:
                self._inflate = None

    def _begin(self, chunk: bytes) -> bool:
        if self._members and not chunk.startswith(b"\x1f"):
            self._padding = True
            return False
        self._members += 1
        if self._members > MEMBERS:
            raise _bad("has too many parts")
        self._inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        return True


class _Deflate:
    """RFC 1950 as the name says, or RFC 1951 as many send it: the first two bytes tell."""

    def __init__(self) -> None:
        self._start = b""
        self._inflate: zlib._Decompress | None = None

    @property
    def finished(self) -> bool:
        return self._inflate is not None and self._inflate.eof

    def decode(self, chunk: bytes) -> Iterable[bytes]:
        if self._inflate is None:
            self._start += chunk
            if len(self._start) < 2:
                return
            chunk = self._start
            self._inflate = zlib.decompressobj(wbits=_deflate_bits(chunk))
        if not self._inflate.eof:
            yield from _inflated(self._inflate, chunk)


def _deflate_bits(start: bytes) -> int:
    """RFC 1950 §2.2: method 8 in the low bits, and a check on both bytes."""
    has_header = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def _inflated(inflate: "zlib._Decompress", chunk: bytes) -> Iterable[bytes]:
    try:
        while True:
            piece = inflate.decompress(chunk, STEP)
            yield piece
            chunk = inflate.unconsumed_tail
            if inflate.eof or not (chunk or len(piece) == STEP):
                return
    except zlib.error as error:
        raise _bad("cannot be decompressed") from error
