"""From text to value: what is taken, and what is refused."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings import SETTINGS, checks

CHECKS = {setting.name: setting.check for setting in SETTINGS}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///relative.db"),
        ("DATABASE_URL", "sqlite:////srv/moocfeed.db"),
        (
            "DATABASE_URL",
            "postgresql+psycopg://ada:secret@db.example:5433/moocfeed?sslmode=require",
        ),
        ("PUBLIC_URL", "https://feed.example"),
        ("PUBLIC_URL", "http://[::1]:8000"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "sixteen letters!"),
        ("FETCH_ALLOW", "10.0.0.0/8, blogs.intranet:8080, 127.0.0.1:5000"),
        ("TRUSTED_PROXIES", ""),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1, 192.168.0.0/16, ::1"),
        ("USER_AGENT_CONTACT", ""),
        ("USER_AGENT_CONTACT", "mailto:team@example.org"),
        ("FETCH_CONCURRENCY", "1"),
        ("FETCH_CONCURRENCY", "1000"),
        ("FRAME_ANCESTORS", "'none'"),
        ("FRAME_ANCESTORS", "'self' https: https://*.example.org:8443 lms.example/course"),
        ("LOG_FORMAT", ""),
        ("LOG_FORMAT", "json"),
    ],
)
def test_what_is_taken(name: str, text: str) -> None:
    CHECKS[name](text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATA_DIR", ""),
        ("DATA_DIR", __file__),
        ("DATABASE_URL", "mysql://ada@db/moocfeed"),
        ("DATABASE_URL", "postgresql://ada@db/moocfeed"),
        ("DATABASE_URL", "postgresql+psycopg://ada@db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "moocfeed.db"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "feed.example"),
        ("PUBLIC_URL", "ftp://feed.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://ada:secret@feed.example"),
        ("PUBLIC_URL", "https://ada@feed.example"),
        ("PUBLIC_URL", "https://example.org/feed"),
        ("PUBLIC_URL", "https://example.org//feed/"),
        ("PUBLIC_URL", "https://feed.example/?a=b"),
        ("PUBLIC_URL", "https://feed.example/?"),
        ("PUBLIC_URL", "https://feed.example/#"),
        ("PUBLIC_URL", "https://feed.example:99999"),
        ("PUBLIC_URL", "https://feed example"),
        ("PUBLIC_URL", 'https://feed.example/">'),
        ("PUBLIC_URL", "https://fähre.example"),
        ("PUBLIC_URL", "https://[::1"),
        ("SECRET_KEY", "fifteen letters"),
        ("FETCH_ALLOW", "10.0.0.0/99"),
        ("FETCH_ALLOW", "blogs.intranet"),
        ("FETCH_ALLOW", "127.0.0.1:99999"),
        ("TRUSTED_PROXIES", "a proxy"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("USER_AGENT_CONTACT", "two\nlines"),
        ("USER_AGENT_CONTACT", "Jürgen"),
        ("USER_AGENT_CONTACT", "me) evil/1.0 ("),
        ("FETCH_CONCURRENCY", ""),
        ("FETCH_CONCURRENCY", "0"),
        ("FETCH_CONCURRENCY", "1001"),
        ("FETCH_CONCURRENCY", "1_0"),
        ("FETCH_CONCURRENCY", "+5"),
        ("FETCH_CONCURRENCY", "٣"),
        ("FETCH_CONCURRENCY", "9" * 5000),
        ("FETCH_PER_HOST", "-1"),
        ("FRAME_ANCESTORS", ""),
        ("FRAME_ANCESTORS", "*; script-src *"),
        ("FRAME_ANCESTORS", "https://a.example, https://b.example"),
        ("FRAME_ANCESTORS", "'none' https://a.example"),
        ("FRAME_ANCESTORS", "https://fähre.example"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller writes the sentence
        CHECKS[name](text)


@given(name=st.sampled_from(sorted(CHECKS)), text=st.text())
def test_any_text_is_taken_or_refused(name: str, text: str) -> None:
    with contextlib.suppress(ValueError):
        CHECKS[name](text)


@given(st.text())
def test_what_goes_into_a_header_is_one_line_of_ascii(text: str) -> None:
    for check in (checks.contact, checks.ancestors, checks.public_url):
        try:
            value = check(text)
        except ValueError:
            continue
        assert value.isascii()
        assert value.isprintable()


def test_values_are_as_they_are_used() -> None:
    assert checks.folder("~/x") == Path.home() / "x"
    assert checks.folder("var") == Path.cwd() / "var"
    assert checks.public_url("https://feed.example/") == "https://feed.example"
    assert checks.ancestors("  https://a.example   b.example ") == "https://a.example b.example"
