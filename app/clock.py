"""The one place where the time is read; everything below takes it as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Aware UTC."""
    return datetime.now(UTC)
