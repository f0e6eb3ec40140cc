import pytest

from collectors.contract import CollectError
from collectors.guard import AllowList, check_url
from collectors.headers import NO_VALIDATORS, Validators
from collectors.redirects import Route, redirect_target

NOTHING = AllowList()
KNOWN = Validators(etag='"a"')


def route(url: str = "https://blog.example/feed") -> Route:
    return Route(check_url(url, NOTHING), KNOWN, "secret")


def code(start: Route, location: str) -> str:
    with pytest.raises(CollectError) as caught:
        start.follow(301, location, NOTHING)
    return caught.value.code


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/feed/", "https://blog.example/feed/"),
        ("atom.xml", "https://blog.example/atom.xml"),
        ("?page=2", "https://blog.example/feed?page=2"),
        ("//other.example/a", "https://other.example/a"),
        (" https://other.example/a#top ", "https://other.example/a"),
        ("/über".encode().decode("latin-1"), "https://blog.example/%C3%BCber"),
        ("/fran\xe7ais", "https://blog.example/fran%C3%A7ais"),
        ("/a b", "https://blog.example/a%20b"),
    ],
)
def test_where_a_location_leads(location: str, target: str) -> None:
    assert str(route().follow(302, location, NOTHING).url) == target


@pytest.mark.parametrize("location", ["/x", "https://blog.example:443/x", "https://BLOG.example/x"])
def test_the_same_origin_keeps_token_and_validators(location: str) -> None:
    onward = route().follow(301, location, NOTHING)
    assert (onward.token, onward.validators) == ("secret", KNOWN)


@pytest.mark.parametrize(
    ("start", "location"),
    [
        ("https://blog.example/", "https://www.blog.example/"),
        ("http://blog.example/", "https://blog.example/"),
        ("https://blog.example/", "https://blog.example:80/"),
        ("https://blog.example/", "https://blog.example.evil.example/"),
    ],
)
def test_another_origin_gets_neither_nor_does_the_way_back(start: str, location: str) -> None:
    onward = route(start).follow(301, location, NOTHING)
    assert (onward.token, onward.validators) == (None, NO_VALIDATORS)
    onward = onward.follow(301, "https://blog.example/back", NOTHING)
    assert (onward.token, onward.validators) == (None, NO_VALIDATORS)


@pytest.mark.parametrize(
    "location",
    [
        "http://blog.example/feed",  # https is never left
        "http://other.example/",
        "http://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://user@blog.example/",
        "https://blog.example:8443/",
        "file:///etc/passwd",
        "ftp://blog.example/",
        "https://blog\x01.example/",
        "https:///",
    ],
)
def test_redirects_that_are_refused(location: str) -> None:
    assert code(route(), location) == "refused-address"


def test_circles_and_long_ways_end() -> None:
    start = route()
    assert code(start, "/feed") == "redirect-loop"
    there = start.follow(302, "/a", NOTHING)
    assert code(there, "https://blog.example/feed#top") == "redirect-loop"
    for step in range(5):
        start = start.follow(301, f"/{step}", NOTHING)
    assert code(start, "/6") == "too-many-redirects"


def test_moved_only_if_every_redirect_was_permanent() -> None:
    start = route()
    assert start.moved_to is None
    assert start.follow(301, "/a", NOTHING).moved_to == "https://blog.example/a"
    both = start.follow(301, "/a", NOTHING).follow(308, "/b", NOTHING)
    assert both.moved_to == "https://blog.example/b"
    for status in (302, 303, 307):
        assert start.follow(status, "/a", NOTHING).follow(301, "/b", NOTHING).moved_to is None


def test_what_is_a_redirect() -> None:
    assert redirect_target(302, {"location": "/a"}) == "/a"
    assert redirect_target(302, {}) is None
    assert redirect_target(300, {"location": "/a"}) is None
    assert redirect_target(201, {"location": "/a"}) is None
