"""Event streams, as the WHATWG's rules read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import CollectError, Event
from collectors.sse import LIMIT, EventStream


def read(*chunks: bytes) -> list[Event]:
    stream = EventStream()
    return [event for chunk in chunks for event in stream.feed(chunk)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data: one\n\n", [Event("message", "one")]),
        ("event: update\ndata: {}\n\n", [Event("update", "{}")]),
        ("data: one\ndata: two\n\n", [Event("message", "one\ntwo")]),
        ("data:one\n\ndata:  two\n\n", [Event("message", "one"), Event("message", " two")]),
        ("data\n\n", [Event("message", "")]),
        ("data: a:b: c\n\n", [Event("message", "a:b: c")]),
        (":thump\n:thump\n", []),
        (":\n\nid: 7\nretry: 10\nnonsense: x\n\n", []),
        ("event: delete\n\ndata: next\n\n", [Event("message", "next")]),
        ("data: without an end\n", []),
        ("\ufeffdata: one\n\n", [Event("message", "one")]),
        ("data: \ufeffone\n\n", [Event("message", "\ufeffone")]),
        ("data: größer 🐘\n\n", [Event("message", "größer 🐘")]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_a_stream_says(text: str, expected: list[Event], end: str) -> None:
    sent = text.replace("\n", end).encode()
    assert read(sent) == expected
    assert read(*(bytes([byte]) for byte in sent)) == expected


LINES = st.sampled_from(
    ["", "", ":thump", "data: größer", "data", "event: update", "event:", "id: 1", "retry: x"]
)


@given(st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n"])), max_size=30), st.data())
def test_chunks_may_end_anywhere(lines: list[tuple[str, str]], data: st.DataObject) -> None:
    sent = "".join(line + end for line, end in lines).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)))))
    chunks = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    assert read(*chunks) == read(sent)


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert read(b"data: \xff\xfe\n\n") == [Event("message", "\ufffd\ufffd")]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 1000, b"data: x\n" * 100, b"event: x\n" * 9])
def test_an_event_without_an_end_is_given_up(piece: bytes) -> None:
    with pytest.raises(CollectError) as caught:
        read(*[piece] * (LIMIT // len(piece) + 1))
    assert caught.value.code == "too-large"


def test_comments_come_for_ever() -> None:
    stream = EventStream()
    for _ in range(3):
        stream.feed(b":thump\n" * (LIMIT // 20))
        stream.feed(b": " + b"x" * 1000 + b"\n")
    assert stream.feed(b"data: still\n\n") == [Event("message", "still")]
