"""How many streams a process takes on, by what the system lets it open."""

import resource
import subprocess
import sys

import pytest

from app.events import limits

ASK = """
import resource
from app.events import limits
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
limits.raise_descriptors()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], limits.capacity())
"""


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "capacity"),
    [
        (256, 1024, 1024, 1024 - limits.RESERVED),
        (1024, 1024, 1024, 1024 - limits.RESERVED),
        (1024, 4096, 4096, limits.MOST),
        (64, 128, 128, 1),
    ],
)
def test_as_many_as_the_system_allows(soft: int, hard: int, raised: int, capacity: int) -> None:
    """In a process of its own: what was given up cannot be taken back."""
    script = ASK.format(soft=soft, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(raised), str(capacity)]


def test_where_there_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _: endless)
    limits.raise_descriptors()
    assert limits.capacity() == limits.MOST
