"""Addresses taken apart, beside httpx2."""

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.address import take_apart

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PORT = st.sampled_from(["", ":80", ":443", ":8080", ":65535", ":70000", ":007"])
TARGET = st.text(st.sampled_from("ab0_/.~?=&+,;:@-%# äÄ'()|^\\"), max_size=20)
URLS = st.builds(
    lambda scheme, host, port, target: f"{scheme}://{host}{port}{target}",
    st.sampled_from(["http", "https", "HTTP"]),
    HOST | st.sampled_from(["[::1]", "127.0.0.1", "1.2.3.4.5", "Ä.example", "a..b"]),
    PORT,
    st.just("") | TARGET.map(lambda text: f"/{text}"),
)


@given(URLS)
def test_as_httpx2_takes_them_apart(url: str) -> None:
    try:
        expected = httpx2.URL(url)
    except httpx2.InvalidURL:
        try:
            found = take_apart(url)
        except ValueError:
            return
        # What is only a number there is refused by the guard as the address that it is not.
        assert found.host.rpartition(".")[2].isdigit() or found.port > 65535
        return
    found = take_apart(url)
    assert (found.scheme, found.host.encode()) == (expected.scheme, expected.raw_host)
    assert (found.own_port, found.target) == (expected.port, expected.raw_path)
    assert str(found) == str(expected)
    assert found.netloc().encode() == expected.netloc.replace(b".:", b":").removesuffix(b".")


@pytest.mark.parametrize("url", ["ftp://blog.example/", "blog.example", "", "//blog.example/"])
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(ValueError, match="not http or https"):
        take_apart(url)


def test_its_origin() -> None:
    assert take_apart("https://blog.example/x").origin == ("https", "blog.example", 443)
    assert take_apart("http://blog.example:8080").origin == ("http", "blog.example", 8080)
