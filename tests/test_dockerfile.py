"""The Dockerfile: what it names exists, and its steps work in a bare virtual environment."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from podman_compose import load_yaml_or_die

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docker" / "check_steps.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_steps", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


check_steps = _script()


def _stages() -> Any:
    return check_steps.read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def _copied() -> Iterator[str]:
    for stage in _stages():
        for step in stage.steps:
            yield from step.sources


def _ignore() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_steps_are_read() -> None:
    text = "# first\nFROM a AS b\nRUN one \\\n    # within\n    && two\nCOPY --chown=u x y z/\n"
    stage = check_steps.read_stages(text)[0]
    assert (stage.image, stage.name) == ("a", "b")
    assert [(step.name, step.rest) for step in stage.steps] == [
        ("RUN", "one && two"),
        ("COPY", "--chown=u x y z/"),
    ]
    assert stage.steps[1].sources == ["x", "y"]


def test_ignoring_goes_by_the_last_pattern_that_fits() -> None:
    patterns = ["*", "!app", "**/__pycache__"]
    assert check_steps.is_ignored(".env", patterns)
    assert check_steps.is_ignored("var/secret.key", patterns)
    assert not check_steps.is_ignored("app/cli/commands.py", patterns)
    assert check_steps.is_ignored("app/cli/__pycache__/main.pyc", patterns)


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    copied = list(_copied())
    assert {"app", "collectors", "migrations", "models", "requirements.lock"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert not check_steps.is_ignored(name, _ignore()), name


def test_secrets_and_data_stay_out_of_the_build() -> None:
    for name in (".env", "var/secret.key", "var/moocfeed.db", ".git/config", ".venv/bin/python"):
        assert check_steps.is_ignored(name, _ignore()), name


def test_what_a_step_uses_was_copied_before() -> None:
    for stage in _stages():
        known: set[str] = set()
        for step in stage.steps:
            known.update(step.sources)
            if step.name == "RUN":
                used = {word for word in step.words if (ROOT / word).is_file()}
                assert used <= known, step.rest


def test_only_pinned_packages_are_installed() -> None:
    installs = [
        step.words
        for stage in _stages()
        for step in stage.steps
        if step.name == "RUN" and "install" in step.words and "pip" in step.words
    ]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert {"--no-deps", "--no-build-isolation"} <= set(installs[1])


def test_the_service_runs_as_an_ordinary_user() -> None:
    steps = _stages()[-1].steps
    user = next(number for number, step in enumerate(steps) if step.name == "USER")
    assert steps[user].rest not in {"root", "0"}
    assert steps[user].rest in steps[0].words, "the user is made first"
    assert not [step for step in steps[user:] if step.name in {"RUN", "COPY", "USER"}][1:]


def test_the_service_listens_where_the_health_check_asks() -> None:
    last = _stages()[-1]
    start, health = last.last("CMD").words, last.last("HEALTHCHECK").rest
    assert start[:2] == ["moocfeed", "serve"]
    assert {"0.0.0.0", "--no-collect"} <= set(start)
    port = start[start.index("--port") + 1]
    assert f"http://127.0.0.1:{port}/healthz" in health
    assert last.last("EXPOSE").rest == port


def test_compose_starts_and_checks_as_the_image_does() -> None:
    last = _stages()[-1]
    with (ROOT / "docker-compose.yml").open(encoding="utf-8") as file:
        web = load_yaml_or_die("docker-compose.yml", file)["services"]["web"]
    assert web["command"] == last.last("CMD").words
    probe = check_steps.Step("CMD", last.last("HEALTHCHECK").rest.partition("CMD ")[2]).words
    assert web["healthcheck"]["test"] == ["CMD", *probe]


def test_images_name_no_registry() -> None:
    assert all("/" not in stage.image for stage in _stages())


@pytest.mark.system
def test_the_steps_work_in_a_bare_virtual_environment(tmp_path: Path) -> None:
    """Installs from the package index, as the image's build does."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "image")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "HEALTHCHECK ok" in done.stdout
    assert "PAGE ok" in done.stdout
