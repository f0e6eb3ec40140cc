"""One word for a source."""

from typing import Any

import pytest

from models.domain.health import Health, health
from models.domain.source import SourceState

FINE: dict[str, Any] = {"asked": True, "failures": 0, "error_code": None, "last_seconds": 0.2}


@pytest.mark.parametrize(
    ("state", "changes", "expected"),
    [
        (SourceState.ACTIVE, {}, Health.ACTIVE),
        (SourceState.ACTIVE, {"asked": False, "last_seconds": None}, Health.NEW),
        (SourceState.ACTIVE, {"last_seconds": 10.0}, Health.SLOW),
        (SourceState.ACTIVE, {"failures": 1, "error_code": "timeout"}, Health.FAILING),
        (SourceState.ACTIVE, {"failures": 3, "error_code": "wants-token"}, Health.WANTS_TOKEN),
        (SourceState.PAUSED, {"error_code": "wants-token"}, Health.WANTS_TOKEN),
        (SourceState.PAUSED, {"failures": 9, "error_code": "http-404"}, Health.PAUSED),
        (SourceState.GONE, {"error_code": "gone"}, Health.GONE),
        (SourceState.REMOVED, {"error_code": "wants-token"}, Health.REMOVED),
    ],
)
def test_the_first_that_applies(
    state: SourceState, changes: dict[str, Any], expected: Health
) -> None:
    assert health(state, **{**FINE, **changes}) is expected


def test_every_state_has_its_word() -> None:
    for state in SourceState:
        assert health(state, **FINE)
