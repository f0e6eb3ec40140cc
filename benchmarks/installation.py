"""moocfeed as an operator has it: a data dir of its own, and commands."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import environment
from benchmarks.spent import Spent, spent_by

COMMAND = (sys.executable, "-c", "from app.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder, and the settings that go with it."""

    folder: Path
    database_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return environment(
            MOOCFEED_DATA_DIR=str(self.folder),
            MOOCFEED_DATABASE_URL=self.database_url,
            MOOCFEED_FETCH_ALLOW="127.0.0.0/8",
        )

    def run(self, *arguments: str) -> str:
        """Standard output of a command that must end well."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"moocfeed {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def apply(self, course_file: str) -> None:
        """Sets up a course."""
        path = self.folder / "course.toml"
        path.write_text(course_file)
        self.run("course", "apply", str(path))

    def posts(self, slug: str) -> int:
        """How many posts a course shows."""
        for course in json.loads(self.run("course", "list", "--json")):
            if course["slug"] == slug:
                return int(course["posts"])
        raise KeyError(slug)

    def collect(self) -> tuple[Spent, Any]:
        """`moocfeed collect --once --all`: what it cost, and its summary."""
        spent = spent_by(
            [*COMMAND, "collect", "--once", "--all", "--json"], self.environment, self.folder
        )
        return spent, json.loads(spent.output)
