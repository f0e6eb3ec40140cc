"""Cursors: what was given out comes back, anything else is refused."""

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.api.cursor import BadCursor, decode, encode
from models.store.rows import Position

KEY = b"a key for tests only"
POSITION = Position(datetime(2026, 11, 3, 10, 0, 0, 123456, tzinfo=UTC), "0199b1a0-7c1e", 3)
TOKEN = encode(POSITION, "posts", KEY)

positions = st.builds(
    Position,
    published_at=st.datetimes(timezones=st.just(UTC)),
    id=st.uuids().map(str),
    responses=st.integers(0, 2**31),
)
alphabet = st.sampled_from(string.ascii_letters + string.digits + "-_=.%+/ ")


@given(position=positions, binding=st.text(), key=st.binary(min_size=16))
def test_round_trip(position: Position, binding: str, key: bytes) -> None:
    token = encode(position, binding, key)
    assert decode(token, binding, key) == position
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert len(token) <= 400  # what the parameter takes


@given(at=st.integers(0, len(TOKEN) - 1), put=alphabet)
def test_one_character_changed(at: int, put: str) -> None:
    changed = TOKEN[:at] + put + TOKEN[at + 1 :]
    assume(changed != TOKEN)
    with pytest.raises(BadCursor):
        decode(changed, "posts", KEY)


@given(bit=st.integers(0, 8 * len(urlsafe_b64decode(TOKEN + "==")) - 1))
def test_one_bit_changed(bit: int) -> None:
    raw = bytearray(urlsafe_b64decode(TOKEN + "=="))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadCursor):
        decode(urlsafe_b64encode(raw).decode().rstrip("="), "posts", KEY)


@given(
    st.one_of(
        st.text(), st.text(alphabet), st.binary().map(lambda raw: urlsafe_b64encode(raw).decode())
    )
)
def test_anything_else(text: str) -> None:
    assume(text != TOKEN)
    with pytest.raises(BadCursor):
        decode(text, "posts", KEY)


@given(cut=st.integers(1, len(TOKEN)), more=st.text(alphabet, min_size=1))
def test_shortened_and_lengthened(cut: int, more: str) -> None:
    for text in (TOKEN[:-cut], TOKEN[cut:], TOKEN + more, more + TOKEN):
        with pytest.raises(BadCursor):
            decode(text, "posts", KEY)


@given(binding=st.text(), key=st.binary(min_size=16))
def test_another_list_or_another_key(binding: str, key: bytes) -> None:
    assume(binding != "posts" and key != KEY)
    with pytest.raises(BadCursor):
        decode(TOKEN, binding, KEY)
    with pytest.raises(BadCursor):
        decode(TOKEN, "posts", key)


def test_a_binding_cannot_be_shifted_into_the_position() -> None:
    """`a` + `b…` and `ab` + `…` are signed apart."""
    assert encode(POSITION, "posts\0a", KEY) != encode(POSITION, "posts", KEY)
