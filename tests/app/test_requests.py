"""What the cache reads of a request."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.requests import LONGEST_QUERY, Asked, read_request


def asked(path: str = "/sample", query: str = "", method: str = "GET", **headers: str) -> Asked:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": named,
    }
    return read_request(scope)


@pytest.mark.parametrize(
    ("path", "slug", "public"),
    [
        ("/", None, True),
        ("/sample", "sample", True),
        ("/sample/weeks/1", "sample", True),
        ("/sample/feed.rss", "sample", True),
        ("/api/v1/courses", None, True),
        ("/api/v1/openapi.json", None, True),
        ("/api/v1/courses/sample/posts", "sample", True),
        ("/api/v1/courses/sample/explain", "sample", False),
        ("/api/v1/other", None, False),
        ("*", "*", True),
        ("/healthz", "healthz", False),
        ("/metrics", "metrics", False),
        ("/static/site.css", "static", False),
        ("/embed/sample", "sample", True),
        ("/embed/v1/course-feed.js", "embed", False),
        ("/embed", "embed", False),
        ("/oembed", None, True),
        ("/go/0199b1a0-7c1e-7000-8000-3f5c2f1e9a10", "go", False),
    ],
)
def test_which_course_and_whether_it_is_cached(path: str, slug: str | None, public: bool) -> None:
    found = asked(path)
    assert (found.slug, found.is_public) == (slug, public)


@pytest.mark.parametrize(
    ("accepted", "gzip"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("deflate, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity", False),
        ("xgzip", False),
        ("", False),
    ],
)
def test_content_codings(accepted: str, gzip: bool) -> None:
    assert asked(accept_encoding=accepted).gzip is gzip


def test_parameters_are_sorted_by_name_alone() -> None:
    assert asked(query="b=1&a=2&b=0&&a").query == ("a=2", "a", "b=1", "b=0")
    assert asked(query="q=x&limit=2").query == asked(query="limit=2&q=x").query


def test_credentials_are_private() -> None:
    for headers in ({"cookie": "a=b"}, {"authorization": "Bearer x"}):
        found = asked(**headers)
        assert (found.is_public, found.has_credentials) == (False, True)


def test_endless_queries_are_not_kept() -> None:
    assert not asked(query="q=" + "x" * LONGEST_QUERY).is_public


def test_pages_depend_on_the_language_and_documents_do_not() -> None:
    german = {"accept_language": "de-AT,de;q=0.9,en;q=0.3"}
    assert asked("/sample", **german).language == "de"
    assert asked("/sample").language == "-"
    assert asked("/sample/feed.rss", **german).language is None
    assert asked("/api/v1/courses", **german).language is None


def test_validators() -> None:
    assert asked(if_none_match='W/"a", "b"').none_match == {b'"a"', b'"b"'}
    assert asked().none_match == frozenset()
    assert asked(if_none_match=" * ").none_at_all
    assert not asked(if_none_match='"*"').none_at_all
    assert not asked().none_at_all


@given(
    path=st.text("/ab.\\%é", min_size=1).map(lambda text: "/" + text),
    query=st.text("ab&=%", max_size=10),
)
def test_a_slash_less_leads_nowhere_else(path: str, query: str) -> None:
    place = asked(path, query).slashless
    if place is None:
        return
    own, _, rest = place.decode().partition("?")
    assert path.startswith(own)
    assert path.strip("/") == own.strip("/")
    assert not own.startswith(("//", "/\\"))
    assert not own.endswith("/")
    assert rest == query
