"""Faults of our own: told in a sentence, logged whole, unless the database is only away."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from collectors.faults import of_our_own


def test_the_log_has_what_the_source_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise LookupError("hunter2")
    except LookupError as error:
        found = of_our_own(error, "s1", "this page")
    assert found.code == "internal"
    assert found.text == "Moocfeed failed on this page. The log has the details."
    assert "source s1" in caplog.text
    assert "hunter2" in caplog.text
    assert "Traceback" in caplog.text


def test_a_database_that_is_away_is_nobodys_fault(caplog: pytest.LogCaptureFixture) -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    error = OperationalError("SELECT 1", {}, locked)
    with pytest.raises(OperationalError):
        of_our_own(error, "s1", "this page")
    assert caplog.text == ""
