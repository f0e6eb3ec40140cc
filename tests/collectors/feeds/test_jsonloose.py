import json

import pytest

from collectors.contract import CollectError
from collectors.feeds import jsonloose, read_feed
from tests.collectors.feeds.batches import ADDRESS, reply_of

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Sample drawer",
    "items": [{"id": str(n), "content_text": f"Grüße „{n}“"} for n in range(3)],
    "language": "de",
}
TEXT = json.dumps(FEED, ensure_ascii=False)


def ids(body: bytes) -> list[str]:
    return [post.external_id for post in read_feed(ADDRESS, reply_of(body)).posts]


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode("cp1252"),
        TEXT.replace("Grüße", "Grüße\n\x07").encode(),
        TEXT.encode()[:-1] + b', "_own": NaN}',
        TEXT.encode()[:-1],
        TEXT.encode()[:-1] + b",}",
        TEXT.replace('"items": [', '"items" :\n[ ').encode()[:-20],
        TEXT.encode().replace(b"\xc3\xbc", b"\xfc", 1),
    ],
    ids=["encoding", "controls", "NaN", "no end", "comma", "no end of items", "odd byte"],
)
def test_what_is_not_quite_json_is_read(body: bytes) -> None:
    assert ids(body) == ["0", "1", "2"]


def test_whole_items_before_the_end_are_read() -> None:
    for cut in range(TEXT.index('“"}') + 3, len(TEXT)):
        whole = TEXT[:cut].count('“"}')
        assert ids(TEXT[:cut].encode()) == [str(n) for n in range(whole)]


@pytest.mark.parametrize("text", ["{", '{"version"', '{"items": [', "[1", '{"a": ' * 100_000])
def test_what_is_no_feed_at_all(text: str) -> None:
    assert "version" not in (jsonloose.read(text.encode()) or {})
    with pytest.raises(CollectError):
        read_feed(ADDRESS, reply_of(text.encode()))
