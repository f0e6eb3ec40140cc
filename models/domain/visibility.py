"""The one predicate for "visible", and what stands in the lists.

The store keeps both results beside the columns they come from and never sets them otherwise.
"""

from dataclasses import dataclass, replace

from models.domain.course import Consent
from models.domain.post import Kind


@dataclass(frozen=True, slots=True)
class Placement:
    """Whether a post is shown at all, and whether in the lists of its own right."""

    visible: bool
    listed: bool


HIDDEN = Placement(visible=False, listed=False)


def placement(
    *,
    kind: Kind,
    consent: Consent,
    participant: bool,
    held: bool = False,
    hidden: bool = False,
    withdrawn: bool = False,
    erased: bool = False,
) -> Placement:
    """Comments stand under their post, not in the lists; everything else follows the states."""
    if held or hidden or withdrawn or erased:
        return HIDDEN
    if consent is Consent.REGISTERED and not participant:
        return HIDDEN
    return Placement(visible=True, listed=kind is not Kind.COMMENT)


def beneath(placed: Placement) -> Placement:
    """What only announces a visible post stands under that one, not in the lists beside it."""
    return replace(placed, listed=False)
