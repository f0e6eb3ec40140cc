"""What tests of collecting share."""

import pytest

from models.store.engine import Database
from tests.collectors.courses import Collecting


@pytest.fixture
def collecting(database: Database) -> Collecting:
    """A collector, on each of the two databases."""
    return Collecting(database)
