"""Secrets are not printed, whatever the value looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.masking import MASK, masked, without_passwords


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://ada:geheim@db/x", f"postgresql+psycopg://ada:{MASK}@db/x"),
        ("foo://ada:ge/he@im@db/x", f"foo://ada:{MASK}@db/x"),
        ("foo://db/x?a=b&password=geheim&c=d", f"foo://db/x?a=b&password={MASK}&c=d"),
        ("foo://db/x?SSLPassword=geheim", f"foo://db/x?SSLPassword={MASK}"),
        ("foo://ada@db/x", "foo://ada@db/x"),
        ("sqlite:////srv/a:b/x.db", "sqlite:////srv/a:b/x.db"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert without_passwords(url) == shown


@given(
    password=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=12),
    database=st.sampled_from(["x", "x?a=b", ""]),
)
def test_no_password_is_left(password: str, database: str) -> None:
    assert password not in without_passwords(f"foo://ada:{password}@db/{database}")


def test_values_in_errors() -> None:
    assert masked("hunter2", secret=True) == f"'{MASK}'"
    assert masked("two\nlines", secret=False) == r"'two\nlines'"
    assert "hunter2" not in masked("https://ada:hunter2@feed.example", secret=False)
