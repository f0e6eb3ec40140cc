"""A step of what a run looks after beside the timeline (`collectors.rounds`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.contract import Batch

State = Mapping[str, Any]
"""Where a part stands; JSON values only."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer brought, and where its part stands after it."""

    batch: Batch
    state: State | None = None
    """None: the part is done."""
    learned: Mapping[str, Any] = field(default_factory=dict)
    """Goes into the cursor for good."""
