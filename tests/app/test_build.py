"""The program's fingerprint."""

import re
import subprocess
import sys

from app import build


def test_it_is_the_same_in_every_process() -> None:
    asked = "from app import build; print(build.fingerprint())"
    other = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == build.fingerprint()
    assert re.fullmatch(r"[0-9a-f]{16}", build.fingerprint())
