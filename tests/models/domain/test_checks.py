"""When older posts are looked at again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.checks import AFTER, next_check

SEEN = datetime(2026, 11, 3, 10, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(0), timedelta(days=60))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), timedelta(hours=1)),
        (timedelta(minutes=59), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(days=1)),
        (timedelta(days=1, seconds=1), timedelta(days=7)),
        (timedelta(days=29), timedelta(days=30)),
        (timedelta(days=30), None),
        (timedelta(days=400), None),
    ],
)
def test_an_hour_a_day_a_week_a_month(age: timedelta, expected: timedelta | None) -> None:
    assert next_check(SEEN, SEEN + age) == (SEEN + expected if expected else None)


@given(SPANS)
def test_it_is_always_still_to_come_and_the_next_one_is_later(age: timedelta) -> None:
    now = SEEN + age
    due = next_check(SEEN, now)
    if due is None:
        assert age >= AFTER[-1]
        return
    assert due > now
    after = next_check(SEEN, due)
    assert after is None or after > due
