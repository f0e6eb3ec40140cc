"""Passwords: the one rule, how they are kept, and what a wrong one is worth."""

import re

import pytest
from argon2 import PasswordHasher, extract_parameters

from models.domain import passwords
from models.domain.errors import Invalid

GOOD = "Ein ganzer Satz, mit ö."


def test_kept_as_argon2id_with_the_agreed_parameters() -> None:
    kept = passwords.hashed(GOOD)
    assert re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", kept)
    assert passwords.is_right(kept, GOOD)
    assert not passwords.is_right(kept, GOOD + " ")
    assert not passwords.is_right(kept, GOOD.lower())
    assert not passwords.is_right(kept, "")


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hashed(GOOD) != passwords.hashed(GOOD)


def test_nobody_has_a_right_password_and_the_same_work_is_done() -> None:
    assert not passwords.is_right(None, GOOD)
    nobodys = extract_parameters(passwords._nobodys())
    assert nobodys == extract_parameters(passwords.hashed(GOOD))


def test_spellings_of_keyboards_are_equal() -> None:
    assert passwords.is_right(passwords.hashed("zehn Lo\u0308cher"), "zehn Löcher")


@pytest.mark.parametrize("password", ["", "neun Zeic", "o\u0308" * 9, "x" * 1025, "ö" * 513])
def test_what_is_too_short_or_too_long(password: str) -> None:
    with pytest.raises(Invalid, match="the password is too") as refused:
        passwords.hashed(password)
    assert password == "" or password not in str(refused.value)


@pytest.mark.parametrize("password", ["x" * 10, "          ", "ö" * 512, "password12"])
def test_length_is_the_only_rule(password: str) -> None:
    assert passwords.checked(password) == password


def test_what_is_no_text_is_no_password() -> None:
    with pytest.raises(Invalid, match="UTF-8"):
        passwords.hashed("\udcff" * 10)
    assert not passwords.is_right(passwords.hashed(GOOD), "\udcff" * 10)
    assert not passwords.is_right(passwords.hashed(GOOD), "x" * 5000)


def test_what_was_kept_otherwise_still_counts_and_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert passwords.is_right(weak, GOOD)
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hashed(GOOD))


def test_what_is_no_hash_is_of_no_password() -> None:
    assert not passwords.is_right("damaged", GOOD)
