"""The feed's parameters: one reading of them for the API, the feeds and the pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.api.query import Narrowing, Paging
from app.errors import Problem, explain
from models.domain.course import Course
from models.store.feed import Filter, Order
from models.store.rows import CourseRow, Position

BERLIN = Course("sample", "Ein Kurs", ("sample",), timezone="Europe/Berlin")
KEY = b"a key for tests only"


def row(slug: str = "sample") -> CourseRow:
    course = Course(slug, "Ein Kurs", (slug,))
    return CourseRow(1, course, 7, 0, 0, 0, datetime(2026, 11, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-10-06", datetime(2014, 10, 5, 22, tzinfo=UTC)),
        ("2014-12-24", datetime(2014, 12, 23, 23, tzinfo=UTC)),
        ("2014-10-06T11:00:00Z", datetime(2014, 10, 6, 11, tzinfo=UTC)),
        ("2014-10-06t11:00z", datetime(2014, 10, 6, 11, tzinfo=UTC)),
        ("2014-10-06T11:00:00+02:00", datetime(2014, 10, 6, 9, tzinfo=UTC)),
        ("2014-10-06T11:00:00 02:00", None),
        ("2014-10-06 11:00:00+02:00", datetime(2014, 10, 6, 9, tzinfo=UTC)),
        ("2014-10-06T11:00:00.5Z", datetime(2014, 10, 6, 11, 0, 0, 500000, tzinfo=UTC)),
        ("2014-02-30", None),
        ("2014-10-06T11:00:00", None),
        ("2014-10-06T25:00:00Z", None),
        ("gestern", None),
        ("1", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_days_and_moments(text: str, expected: datetime | None) -> None:
    for name in ("since", "until"):
        if expected is None:
            with pytest.raises(ValidationError):
                Narrowing.model_validate({name: text})
        else:
            read = Narrowing.model_validate({name: text}).filter(BERLIN)
            assert getattr(read, name) == expected


def test_nothing_is_everything() -> None:
    assert Narrowing().filter(BERLIN) == Filter()
    assert Narrowing().given() == {}


def test_empty_fields_of_a_form_are_not_there() -> None:
    sent = {"q": "", "kind": "", "week": "", "since": "", "limit": "", "order": ""}
    assert Narrowing.model_validate(sent) == Narrowing()
    with pytest.raises(ValidationError):
        Narrowing.model_validate({"unknown": ""})


def test_languages_are_the_same_in_upper_case() -> None:
    assert Narrowing(lang="DE").filter(BERLIN).lang == "de"  # RFC 5646, section 2.1.1


@pytest.mark.parametrize(
    "odd", ["\u00a0", "\u00ad", "\u200c", "\u200d", "\u2011", "\u2028", "\ufeff"]
)
def test_what_is_pasted_along_is_no_control_character(odd: str) -> None:
    text = f"social{odd}media"
    assert Narrowing(q=text).filter(BERLIN).q == text


def test_a_hashtag_may_come_with_its_sign() -> None:
    for text in ("tools", "#tools", "＃tools"):
        assert Narrowing(tag=text).filter(BERLIN).tag == "tools"


@pytest.mark.parametrize(
    "given",
    [
        *({"limit": "0"}, {"limit": "101"}, {"limit": "1e2"}, {"limit": "٣٠"}, {"limit": "-1"}),
        *({"week": "-1"}, {"week": "10001"}, {"week": "1.5"}, {"kind": "tweet"}, {"order": "up"}),
        *({"q": "x" * 201}, {"q": "a\0b"}, {"tag": "\x07"}, {"lang": "x" * 21}, {"page": "2"}),
        *({"cursor": "x" * 401}, {"cursor": "\n"}, {"source": "x" * 401}),
    ],
)
def test_refusals_say_what_is_allowed_and_not_what_was_given(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Paging.model_validate(given)
    problem = explain(refused.value)
    assert problem.status == 422
    (value,) = given.values()
    assert value not in problem.detail
    if "page" in given:
        assert "page" not in problem.detail
    else:
        assert problem.detail.startswith(f"{next(iter(given))}: must ")


@given(st.dictionaries(st.sampled_from(list(Paging.model_fields)), st.text(max_size=50)))
def test_any_text_is_read_or_refused_without_an_echo(given: dict[str, Any]) -> None:
    try:
        Paging.model_validate(given).filter(BERLIN)
    except ValidationError as error:
        detail = explain(error).detail
        assert not [text for text in given.values() if len(text) > 20 and text in detail]


@given(
    q=st.none() | st.text("abcäöü #&=%+", min_size=1, max_size=20),
    week=st.none() | st.integers(0, 10_000),
    order=st.sampled_from(Order),
    limit=st.integers(1, 100),
)
def test_the_next_page_belongs_to_the_same_list(
    q: str | None, week: int | None, order: Order, limit: int
) -> None:
    first = Paging(q=q, week=week, order=order, limit=limit)
    position = Position(datetime(2026, 11, 3, tzinfo=UTC), "0199b1a0", 2)
    second = Paging.model_validate(dict(parse_qsl(first.following(row(), position, KEY))))
    assert second.filter(BERLIN) == first.filter(BERLIN)
    assert second.limit == limit
    assert second.after(row(), KEY) == position
    with pytest.raises(Problem):
        second.after(row("other"), KEY)
    with pytest.raises(Problem):
        second.after(row(), KEY, "responses")
    with pytest.raises(Problem):
        second.model_copy(update={"q": f"{q}!"}).after(row(), KEY)
