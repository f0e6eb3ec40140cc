"""When a post is looked at again after it was collected: ever less often, then no more."""

from datetime import datetime, timedelta

AFTER = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""Counted from when it was first seen."""
ANSWERABLE = timedelta(days=14)
"""How long after a post was published its replies are read."""


def next_check(first_seen: datetime, now: datetime) -> datetime | None:
    """The first of these times that is still to come. What was missed is made good by one check,
    not by one for each.
    """
    return next((first_seen + after for after in AFTER if first_seen + after > now), None)
