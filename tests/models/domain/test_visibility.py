from itertools import product

import pytest

from models.domain.course import Consent
from models.domain.post import Kind
from models.domain.visibility import HIDDEN, Placement, placement

STATES = ("held", "hidden", "withdrawn", "erased")
EVERYTHING = list(product(Kind, Consent, (True, False)))


@pytest.mark.parametrize(("kind", "consent", "participant"), EVERYTHING)
def test_any_state_hides_a_post(kind: Kind, consent: Consent, participant: bool) -> None:
    for values in product((True, False), repeat=len(STATES)):
        found = placement(
            kind=kind,
            consent=consent,
            participant=participant,
            **dict(zip(STATES, values, strict=True)),
        )
        allowed = consent is Consent.OPEN or participant
        assert found.visible == (allowed and not any(values))
        assert found.listed == (found.visible and kind is not Kind.COMMENT)


def test_comments_stand_under_their_post() -> None:
    found = placement(kind=Kind.COMMENT, consent=Consent.OPEN, participant=False)
    assert found == Placement(visible=True, listed=False)


def test_where_consent_is_asked_for_only_participants_are_shown() -> None:
    for kind in Kind:
        assert placement(kind=kind, consent=Consent.REGISTERED, participant=False) == HIDDEN
        assert placement(kind=kind, consent=Consent.REGISTERED, participant=True).visible
