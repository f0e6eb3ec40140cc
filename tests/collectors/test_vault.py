"""Secrets at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import CollectError
from collectors.vault import Vault


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_what_was_sealed_is_read_again_and_shows_nothing(secret: str) -> None:
    vault = Vault(b"a key of sixteen")
    sealed = vault.seal(secret)
    assert vault.open(sealed) == secret
    assert sealed.isascii()
    assert len(secret) < 4 or secret not in sealed
    assert vault.seal(secret) != sealed


def test_another_key_reads_nothing_and_says_what_to_do() -> None:
    sealed = Vault(b"a key of sixteen").seal("token")
    for broken in (sealed[:-4] + "AAAA", "nonsense", ""):
        with pytest.raises(CollectError):
            Vault(b"a key of sixteen").open(broken)
    with pytest.raises(CollectError) as caught:
        Vault(b"another of sixteen").open(sealed)
    assert caught.value.code == "secret-unreadable"
    assert "MOOCFEED_SECRET_KEY" in caught.value.text
