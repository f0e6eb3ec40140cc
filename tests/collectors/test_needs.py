"""What kinds take beside an address."""

import pytest

from collectors.needs import Given, Needs, count, needs_of, text
from collectors.registry import KINDS
from models.domain.errors import Invalid

NEEDS = Needs(takes="a token", options={"name": text, "most": count(10)})


def test_options_are_read() -> None:
    given = Given("abc", {"name": " Muster ", "most": "10"})
    assert NEEDS.check("sample", given) == {"name": "Muster", "most": 10}


@pytest.mark.parametrize(
    ("needs", "given", "words"),
    [
        (Needs(), Given("abc"), "sample take no token"),
        (Needs(), Given(options={"a": "b"}), "take no option 'a': leave it out"),
        (NEEDS, Given(options={"a": "b"}), "take no option 'a': they take name and most"),
        (NEEDS, Given(options={"most": "9"}), "from 10 on"),
        (NEEDS, Given(options={"most": "ten"}), "'ten' is no number"),
        (NEEDS, Given(options={"name": " "}), "missing"),
    ],
)
def test_what_is_not_taken(needs: Needs, given: Given, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        needs.check("sample", given)


def test_kinds_that_say_nothing_take_nothing() -> None:
    assert needs_of(KINDS["feed"]) == Needs()
    assert needs_of(KINDS["bluesky"]).takes
