"""Ten tries in five minutes, and what counts as one address."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.tries import MOST, WITHIN, free_at, origin, recent

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def seconds_ago(*seconds: float) -> list[datetime]:
    return [AT - timedelta(seconds=one) for one in seconds]


def test_ten_are_allowed_and_the_next_waits_for_the_first_to_be_over() -> None:
    assert free_at([], AT) is None
    assert free_at(seconds_ago(*range(9)), AT) is None
    assert free_at(seconds_ago(*range(10, 110, 10)), AT) == AT + timedelta(seconds=200)


def test_what_is_five_minutes_old_does_not_count() -> None:
    assert recent(seconds_ago(299, 300, 301, 5), AT) == seconds_ago(299, 5)


@given(st.lists(st.floats(0, 1000)), st.floats(0, 1000))
def test_never_more_than_ten_within_five_minutes(gaps: list[float], last: float) -> None:
    """Whoever tries as soon as it is allowed, and at any other time."""
    made: list[datetime] = []
    now = AT
    for gap in [*gaps, last]:
        now += timedelta(seconds=gap)
        free = free_at(made, now)
        made.append(now := free or now)
        assert len(recent(made, now)) <= MOST
    for at in made:
        assert sum(at <= one < at + WITHIN for one in made) <= MOST


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_one_address(host: str, counted: str) -> None:
    assert origin(host) == counted
