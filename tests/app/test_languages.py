"""Which of our languages a browser wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.languages import LANGUAGES, negotiate


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("EN-us", "en"),
        ("fr, en;q=0.5, de;q=0.4", "en"),
        ("fr, en;q=0.4, de;q=0.5", "de"),
        ("en, de", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("de; q=0.3,en; q=0.8", "en"),
        ("de;q=nonsense", None),
        ("fr", None),
        ("*", None),
        ("", None),
        (",;q=1,,", None),
    ],
)
def test_wishes(accept: str, language: str | None) -> None:
    assert negotiate(accept) == language


@given(st.text())
def test_any_header_is_read(accept: str) -> None:
    assert negotiate(accept) in {None, *LANGUAGES}
