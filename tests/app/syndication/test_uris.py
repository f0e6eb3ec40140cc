"""Addresses in ASCII."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.syndication.uris import uri


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("https://ada.example/a%20b?c=d&e=f#g", "https://ada.example/a%20b?c=d&e=f#g"),
        ("https://ada.example", "https://ada.example/"),
        ("https://Bücher.example:8080/größe", "https://xn--bcher-kva.example:8080/gr%C3%B6%C3%9Fe"),
        ("https://ada.example/100%?a=[b]|c", "https://ada.example/100%25?a=%5Bb%5D%7Cc"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("mailto:ada@ada.example", "mailto:ada@ada.example"),
        ("no address", "no%20address"),
        ("https://ada.example:port/", "https://ada.example:port/"),
    ],
)
def test_addresses_are_spelled_in_ascii(url: str, spelled: str) -> None:
    assert uri(url) == spelled
    assert uri(spelled) == spelled


@given(st.text() | st.text().map("https://ada.example/{}".format))
def test_whatever_it_is_nothing_forbidden_is_left(text: str) -> None:
    assert re.fullmatch(r"([!#$&'()*+,/:;=?@\[\]\w.~-]|%[0-9A-Fa-f]{2})*", uri(text), re.ASCII)
