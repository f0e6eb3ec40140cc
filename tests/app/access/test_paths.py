"""The login leads to addresses of ours, whatever it is told."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.paths import own_path


@pytest.mark.parametrize(
    "path", ["/", "/sample", "/sample/facilitate?week=4&q=a%20b", "/sample#posts", "/a//b"]
)
def test_ours(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "sample", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("https://evil.example/", "javascript:alert(1)", "/\t/evil.example", "/a\\b", "/a\nb"),
        *("/ /evil.example", " /sample", "/sämple", "/\x00", f"/{'x' * 2000}", "http:/sample"),
    ],
)
def test_not_ours(path: str) -> None:
    assert own_path(path) is None


@given(st.text() | st.from_regex(r"\A/[/\\\t ]?[\w./\\:@?#]*\Z"))
def test_no_other_host_is_ever_led_to(path: str) -> None:
    if own_path(path) is not None:
        parts = urlsplit(path)
        assert (parts.scheme, parts.netloc) == ("", "")
        assert path.startswith("/")
        assert "\\" not in path
