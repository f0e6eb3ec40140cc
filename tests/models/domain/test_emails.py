"""E-mail addresses: which are the same, and which are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import emails
from models.domain.errors import Invalid


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Muster@Example.ORG\n", "ada.muster@example.org"),
        ("ada+kurs@example.org", "ada+kurs@example.org"),
        ("ADA＠example。org", "ada@example.org"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("JÖRG@xn--bcher-kva.EXAMPLE", "jörg@xn--bcher-kva.example"),
        ("jo\u0308rg@example.org", "jörg@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
        ("ada@localhost", "ada@localhost"),
    ],
)
def test_one_spelling(written: str, folded: str) -> None:
    assert emails.fold(written) == folded


@pytest.mark.parametrize(
    "written",
    [
        *("", "ada", "@example.org", "ada@", "ada@@example.org", "ada@b@example.org"),
        *("a da@example.org", "ada@exa mple.org", "ada\0@example.org", "ada\u200b@example.org"),
        *("<ada@example.org>", "Ada <ada@example.org>", '"a"@example.org', "ada@.example"),
        *(f"{'a' * 65}@example.org", f"ada@{'a' * 64}.example", "ada@exa_mple!.org", "\udc80@a.b"),
        "@".join(("a" * 60, ".".join(["b" * 60] * 4))),
    ],
)
def test_no_address(written: str) -> None:
    with pytest.raises(Invalid, match=r"name@host\.example") as refused:
        emails.fold(written)
    assert refused.value.field == "email"


@given(st.text() | st.emails() | st.from_regex(r"\A[^@]{1,9}@[\w.-]{1,9}\Z"))
def test_folding_what_is_folded_changes_nothing(written: str) -> None:
    try:
        folded = emails.fold(written)
    except Invalid:
        return
    assert emails.fold(folded) == folded
    assert folded.count("@") == 1
    assert folded == folded.strip()


@given(st.emails())
def test_case_makes_no_difference(written: str) -> None:
    try:
        folded = emails.fold(written)
    except Invalid:
        return
    assert emails.fold(written.upper()) == folded
    assert emails.fold(f"\t{written.lower()} ") == folded
