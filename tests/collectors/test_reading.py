"""From an answer to entries that are ready to be stored."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from collectors import reading
from collectors.contract import Ask, Batch, Reply
from collectors.reading import read
from models.domain.identity import entry_key
from models.domain.normalise import MAX_NAME
from models.domain.post import Kind, Post, RawPost, Unmatched
from models.domain.source import Match, Rule, SourceSpec

NOW = datetime(2026, 11, 3, tzinfo=UTC)
SOURCE = SourceSpec("s", "feed", "https://blog.example/feed", Rule(("sample",), Match.ALL, "de"))
POST = RawPost("one", Kind.BLOG, url="https://blog.example/1", title="First")


class Fixed:
    """A kind whose every answer holds the same."""

    kind = "feed"
    pace = (1.0, 2.0)

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def ask(self, source: SourceSpec) -> Ask:
        return Ask(source.url)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        return self._batch


def of(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, source: SourceSpec = SOURCE
) -> reading.Reading:
    monkeypatch.setattr(reading, "collector", lambda _: Fixed(batch))
    return read(source, Reply(source.url, 200, {}, b""), NOW)


def test_of_entries_with_one_id_the_first_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of(Batch((POST, replace(POST, title="Second"))), monkeypatch)
    (entry,) = found.entries
    assert isinstance(entry, Post)
    assert entry.title == "First"


def test_what_was_left_out_is_noted_unless_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    excluded = (("one", "opted-out", None), ("two", "not-public", "https://blog.example/2"))
    found = of(Batch((POST,), excluded=excluded), monkeypatch)
    post, noted = found.entries
    assert isinstance(post, Post)
    assert isinstance(noted, Unmatched)
    assert (noted.reason, noted.url) == ("not-public", "https://blog.example/2")
    changed = of(Batch(excluded=(("two", "opted-out", None),)), monkeypatch).entries[0]
    assert changed.digest != noted.digest


@pytest.mark.parametrize("odd", ["\ud800", "a\0b", "x" * 5000])
def test_whatever_it_is_called_it_can_be_stored(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (noted,) = of(Batch(excluded=((odd, "opted-out", odd),)), monkeypatch).entries
    assert noted.external_id.encode().count(b"\0") == 0
    assert len(noted.external_id) <= 1000
    assert noted.url is None


def test_withdrawn_entries_are_named_by_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(Batch(withdrawn=("one",)), monkeypatch).withdrawn == (entry_key("one"),)


def test_who_is_not_named_is_named_by_the_title_of_the_same_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def name(source: SourceSpec) -> str:
        (entry,) = of(Batch((POST,), title="Ada's blog"), monkeypatch, source).entries
        assert isinstance(entry, Post)
        return entry.author.name

    assert name(SOURCE) == "Ada's blog"
    assert name(replace(SOURCE, title="As it was called before")) == "Ada's blog"
    by_hand = replace(SOURCE, title="By hand", options={"title": "By hand"})
    assert name(by_hand) == "By hand"
    assert len(name(replace(by_hand, title="x" * 5000))) == MAX_NAME


def test_all_else_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Batch(
        cursor={"a": 1}, more=True, title="T", homepage="https://x.example/", partial=True
    )
    found = of(batch, monkeypatch)
    assert (found.cursor, found.more, found.title) == ({"a": 1}, True, "T")
    assert (found.homepage, found.partial) == ("https://x.example/", True)
