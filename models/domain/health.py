"""How a source is doing, in one word."""

from enum import StrEnum

from models.domain.source import SourceState

SLOW_AFTER = 10.0
"""Seconds: an answer that takes longer is a third of the way to being given up."""
WANTS_TOKEN = frozenset({"wants-token", "secret-unreadable"})
"""Codes of failures that only a token mends."""


class Health(StrEnum):
    """What a person has to know first."""

    NEW = "new"
    """Not asked yet."""
    ACTIVE = "active"
    SLOW = "slow"
    """It answers, but takes long."""
    FAILING = "failing"
    WANTS_TOKEN = "wants token"  # noqa: S105 - a state
    PAUSED = "paused"
    GONE = "gone"
    REMOVED = "removed"


def health(
    state: SourceState,
    *,
    asked: bool,
    failures: int,
    error_code: str | None,
    last_seconds: float | None,
) -> Health:
    """The first that applies. `last_seconds`: how long the last answer took, if there was one."""
    if error_code in WANTS_TOKEN and state in {SourceState.ACTIVE, SourceState.PAUSED}:
        return Health.WANTS_TOKEN
    if state is not SourceState.ACTIVE:
        return Health(state.value)
    if failures:
        return Health.FAILING
    if not asked:
        return Health.NEW
    if last_seconds is not None and last_seconds >= SLOW_AFTER:
        return Health.SLOW
    return Health.ACTIVE
