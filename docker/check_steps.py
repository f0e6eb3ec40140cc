"""Runs the Dockerfile's steps where no container engine is at hand.

`python docker/check_steps.py [FOLDER]`: the build stage's COPY and RUN go into FOLDER, which stands
for `/` of an image; it must be empty, and is a temporary one by default. Then what the last stage
starts is started: its health check has to succeed, and a course has to get its page. Not run are
the RUN steps of the last stage, which make a user and need root. Exit code 1 where a step fails.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[1]
HEALTHY_WITHIN = 60.0
"""Seconds the service gets before its health check must succeed."""


class StepFailed(Exception):
    """A step of the Dockerfile did not end well."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its name in capitals, and the rest of it in one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as words, or the items of a JSON list."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)

    @property
    def sources(self) -> list[str]:
        """What a COPY takes from the build's folder; nothing where it copies from a stage."""
        if self.name != "COPY" or "--from=" in self.rest:
            return []
        return [word for word in self.words[:-1] if not word.startswith("--")]


@dataclass(slots=True)
class Stage:
    """What stands between one FROM and the next."""

    image: str
    name: str | None
    steps: list[Step] = field(default_factory=list)

    def last(self, name: str) -> Step | None:
        """The instruction that counts where only the last of its name does."""
        return next((step for step in reversed(self.steps) if step.name == name), None)


def read_steps(text: str) -> Iterator[Step]:
    """The instructions, with continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield Step(name.upper(), rest.strip())


def read_stages(text: str) -> list[Stage]:
    """The stages in order; what comes before the first FROM belongs to none."""
    stages: list[Stage] = []
    for step in read_steps(text):
        if step.name == "FROM":
            words = step.words
            stages.append(Stage(words[0], words[2] if len(words) == 3 else None))
        elif stages:
            stages[-1].steps.append(step)
    return stages


class Bare:
    """A folder that stands for `/` of an image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cwd = folder
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MOOCFEED_", "PYTHON", "VIRTUAL_ENV"))
        }
        here = Path(sys.executable).parent  # whoever has `python3` only has no `python`
        self.environ["PATH"] = f"{here}{os.pathsep}{self.environ['PATH']}"

    def build(self, stage: Stage) -> None:
        """Runs a whole stage. Raises `StepFailed`."""
        for step in stage.steps:
            self.set_up(step)
            if step.name == "COPY":
                self._copy(step)
            elif step.name == "RUN":
                self._run(self.placed(step.rest))

    def set_up(self, step: Step) -> None:
        """What an instruction changes for those after it."""
        if step.name == "ENV":
            for pair in step.words:
                name, _, value = pair.partition("=")
                self.environ[name] = self.placed(value).replace("$PATH", self.environ["PATH"])
        elif step.name == "WORKDIR":
            self.cwd = self._inside(step.rest)
            self.cwd.mkdir(parents=True, exist_ok=True)

    def placed(self, text: str) -> str:
        """The image's own paths as they are called here."""
        return re.sub(r"(?<![\w./])/(?=(?:opt|src|data|home)\b)", f"{self.folder}/", text)

    def _inside(self, path: str) -> Path:
        return self.folder / path.lstrip("/") if path.startswith("/") else self.cwd / path

    def _copy(self, step: Step) -> None:
        target = self._inside(step.words[-1])
        for source in step.sources:
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
                )
            else:
                shutil.copy2(ROOT / source, target)

    def _run(self, command: str) -> None:
        print(f"RUN {command}", flush=True)
        code = self.call(["/bin/sh", "-euc", command])
        if code:
            raise StepFailed(f"RUN ended with {code}: {command}")

    def call(self, command: Sequence[str], *, quietly: bool = False) -> int:
        """A command's exit code."""
        with self.start(command, quietly=quietly) as process:
            return process.wait()

    def start(self, command: Sequence[str], *, quietly: bool = False) -> "subprocess.Popen[bytes]":
        """Starts a command that the image has. Raises `StepFailed`."""
        # `Popen` would look the command up in the caller's PATH.
        found = shutil.which(command[0], path=self.environ["PATH"])
        if found is None:
            raise StepFailed(f"{command[0]} is not in the image's PATH")
        return subprocess.Popen(  # noqa: S603 - the Dockerfile's own commands
            [found, *command[1:]],
            cwd=self.cwd,
            env=self.environ,
            stderr=subprocess.DEVNULL if quietly else None,
        )


def check_service(bare: Bare, stage: Stage) -> None:
    """Starts what the image starts: its health check succeeds, and a course gets its page.

    Raises `StepFailed`.
    """
    for step in stage.steps:
        bare.set_up(step)
    (bare.folder / "data").mkdir()
    start, health = stage.last("CMD"), stage.last("HEALTHCHECK")
    if start is None or health is None:
        raise StepFailed("the last stage needs a CMD and a HEALTHCHECK")
    port = str(_free_port())
    command = [_here(word, port) for word in start.words]
    probe = [_here(word, port) for word in Step("CMD", health.rest.partition("CMD ")[2]).words]
    print(f"CMD {shlex.join(command)}", flush=True)
    process = bare.start(command)
    try:
        _await_health(bare, process, probe)
        _check_page(bare, f"http://127.0.0.1:{port}")
    finally:
        code = _end(process)
    if code != 0:
        raise StepFailed(f"the service ended with {code} after SIGTERM")


def _end(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _here(word: str, port: str) -> str:
    """On this machine: another port, and not for the whole network."""
    return word.replace("8000", port).replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - not bound


def _await_health(bare: Bare, process: "subprocess.Popen[bytes]", probe: Sequence[str]) -> None:
    until = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if bare.call(probe, quietly=True) == 0:
            print("HEALTHCHECK ok", flush=True)
            return
        time.sleep(0.5)
    raise StepFailed("the service did not get healthy")


def _check_page(bare: Bare, address: str) -> None:
    """Templates, style and translations are part of what was installed."""
    if bare.call(["moocfeed", "course", "apply", str(ROOT / "courses" / "e20mooc.toml")]):
        raise StepFailed("the course file could not be applied")
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + 5.0  # the service learns of a new course by its next poll
    while True:
        try:
            with opener.open(f"{address}/e20mooc", timeout=10) as answer:
                answer.read()
        except OSError as error:
            if time.monotonic() > until:
                raise StepFailed(f"the course has no page: {error}") from None
            time.sleep(0.5)
        else:
            print("PAGE ok", flush=True)
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether .dockerignore keeps a path out of the build: the last pattern that fits decides."""
    ignored = False
    parents = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    for pattern in patterns:
        keeps, plain = pattern.startswith("!"), pattern.removeprefix("!").removeprefix("**/")
        names = [*parents, *Path(path).parts] if "**/" in pattern else parents
        if any(fnmatch.fnmatchcase(name, plain) for name in names):
            ignored = not keeps
    return ignored


def main(arguments: Sequence[str]) -> int:
    stages = read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    folder = Path(arguments[0] if arguments else tempfile.mkdtemp()).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"check_steps: {folder} is not empty: give a new folder", file=sys.stderr)
        return 2
    bare = Bare(folder)
    try:
        for stage in stages[:-1]:
            bare.build(stage)
        check_service(bare, stages[-1])
    except StepFailed as error:
        print(f"check_steps: {error}", file=sys.stderr)
        return 1
    finally:
        if not arguments:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
