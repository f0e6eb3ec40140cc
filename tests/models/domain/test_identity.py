import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.identity import (
    MAX_ALIASES,
    digest,
    entry_key,
    identity_keys,
    is_at_home,
    key_of_local,
    key_of_uid,
    key_of_url,
    person_key,
    reply_key,
)
from tests.models.domain.samples import raw, source

parts = st.lists(st.one_of(st.none(), st.text(st.characters(), max_size=8)), max_size=5)
BLOG, PLANET = source("https://blog.example/feed"), source("https://planet.example/feed")


@given(parts, parts)
def test_digests_differ_as_their_parts_do(one: list[str | None], other: list[str | None]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)
    assert len(digest(*one)) == 32


@pytest.mark.parametrize(
    ("one", "other"), [(["ab"], ["a", "b"]), ([None], [""]), (["-"], [None]), (["1:a"], ["a"])]
)
def test_lists_do_not_run_together(one: list[str | None], other: list[str | None]) -> None:
    assert digest(*one) != digest(*other)


@given(st.text(st.characters(), max_size=20))
def test_names_of_different_things_never_meet(text: str) -> None:
    found = [key_of_uid(text), key_of_local(text), key_of_url(text), entry_key(text)]
    assert len({*found, person_key(text)}) == 5


def names(external_id: str, by: str = "https://blog.example/feed", **fields: object) -> set[str]:
    entry = raw(external_id, **fields)
    by_source = source(by)
    at_home = is_at_home(by_source, entry.url, external_id)
    return set(identity_keys(entry, by_source, entry.url or by_source.url, at_home))


@pytest.mark.parametrize(
    "uid",
    [
        "tag:blog.example,2024:1",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "yt:video:abcdefghijk",
        "https://blog.example/?p=1",
        "https://social.example/users/ada/statuses/1",
    ],
)
def test_an_absolute_uri_counts_everywhere(uid: str) -> None:
    here = names(uid, "https://blog.example/feed", url="https://blog.example/a")
    there = names(uid, "https://planet.example/feed", url="https://planet.example/b")
    assert here & there


@pytest.mark.parametrize(
    "uid",
    ["1", "post-7", "7 at https://blog.example", "http:///?p=1", "https:1", "", "a b:c", "é:x"],
)
def test_any_other_counts_within_its_feed_only(uid: str) -> None:
    one = names(uid, "https://blog.example/feed", url=None)
    other = names(uid, "https://planet.example/feed", url=None)
    assert one.isdisjoint(other)
    assert one == names(uid, "https://blog.example/feed", url=None)
    assert one.isdisjoint(names(f"{uid}x", "https://blog.example/feed", url=None))


def test_the_address_is_a_name_in_all_its_spellings() -> None:
    one = names("1", url="http://www.blog.example/post/?utm_source=rss")
    assert key_of_url("https://blog.example/post") in one


@pytest.mark.parametrize(
    "address",
    ["https://blog.example/", "https://blog.example", "https://blog.example/feed/", None],
)
def test_an_address_that_all_entries_have_is_no_name(address: str | None) -> None:
    assert names("1", url=address).isdisjoint(names("2", url=address))
    assert names("https://blog.example/", url=address) == names(
        "https://blog.example/", url=address
    )


def test_a_status_is_answered_by_its_uri() -> None:
    uri = "https://social.example/users/ada/statuses/1"
    found = names(
        uri, "https://social.example", url="https://social.example/@ada/1", local_key="local:s:1"
    )
    assert {reply_key(uri), reply_key("local:s:1"), reply_key("https://social.example/@ada/1")} <= (
        found
    )


def test_an_id_is_no_local_key_of_an_instance() -> None:
    forged = names("local:social.example:1", url=None)
    assert reply_key("local:social.example:1") not in forged


def test_reply_keys() -> None:
    assert reply_key(None) is None
    assert reply_key("") is None
    assert reply_key("tag:blog.example,2024:1") == key_of_uid("tag:blog.example,2024:1")
    assert reply_key("http://blog.example/a/") == key_of_url("https://blog.example/a")


def test_aliases_are_names_of_what_is_passed_on() -> None:
    passed_on = names(
        "1",
        "https://feeds.example/blog",
        url="https://proxy.example/~r/1",
        aliases=("https://blog.example/post", "not an address"),
    )
    assert key_of_url("https://blog.example/post") in passed_on


def test_an_alias_elsewhere_is_no_name_of_what_is_at_home() -> None:
    theirs = key_of_url("https://victim.example/post")
    mine = names("1", url="https://blog.example/x", aliases=("https://victim.example/post", "/x"))
    assert theirs not in mine
    assert key_of_url("https://blog.example/y") in names(
        "1", url="https://blog.example/x", aliases=("https://blog.example/y",)
    )
    many = tuple(f"https://blog.example/{number}" for number in range(100))
    assert len(names("1", url="https://blog.example/x", aliases=many)) == MAX_ALIASES + 1


@pytest.mark.parametrize(
    ("address", "uid", "home"),
    [
        ("https://blog.example/post", "1", True),
        ("http://www.blog.example/post", "1", True),
        ("https://blog.example/post", "http://old.example/?p=1", True),
        ("https://victim.example/post", "1", False),
        ("https://victim.example/post", "https://blog.example/?p=1", False),
        (None, "https://victim.example/?p=1", False),
        (None, "https://blog.example/?p=1", True),
        (None, "1", True),
    ],
)
def test_a_source_speaks_for_what_is_on_its_host(address: str | None, uid: str, home: bool) -> None:
    assert is_at_home(BLOG, address, uid) == home
    assert is_at_home(PLANET, address, uid) == (address is None and uid == "1")
