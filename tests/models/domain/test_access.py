"""Roles, secrets and how long a session goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import access
from models.domain.access import ABSOLUTE, IDLE, Role, User

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "slugs", "may"),
    [
        (Role.ADMIN, (), True),
        (Role.FACILITATOR, ("sample",), True),
        (Role.FACILITATOR, ("other",), False),
        (Role.FACILITATOR, (), False),
    ],
)
def test_who_may_facilitate(role: Role, slugs: tuple[str, ...], may: bool) -> None:
    user = User("u", "ada@example.org", "Ada (Muster)", role, frozenset(slugs))
    assert access.may_facilitate(user, "sample") is may


def test_secrets_are_long_and_new_each_time() -> None:
    made = {access.new_session_secret() for _ in range(100)}
    made |= {access.new_api_token() for _ in range(100)}
    assert len(made) == 200
    assert all(len(secret) >= 43 for secret in made)
    assert access.new_api_token().startswith("moocfeed_")


@given(st.text(), st.text())
def test_what_is_kept_tells_secrets_apart_and_does_not_hold_them(one: str, other: str) -> None:
    assert (access.kept_of(one) == access.kept_of(other)) is (one == other)
    assert len(access.kept_of(one)) == 64


def test_a_session_slides_up_to_its_end() -> None:
    assert access.expires_at(AT, AT) == AT + IDLE
    assert access.expires_at(AT, AT + timedelta(days=2)) == AT + timedelta(days=2) + IDLE
    assert access.expires_at(AT, AT + ABSOLUTE - timedelta(hours=1)) == AT + ABSOLUTE
