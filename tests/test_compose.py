"""docker-compose.yml, read by podman-compose as it would be to start it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from podman_compose import PodmanCompose, norm_as_dict, podman_compose

from app import settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
SECRETS = {"POSTGRES_PASSWORD": "p@ss:w/rd?", "MOOCFEED_SECRET_KEY": "sixteen-or-more-characters"}


@pytest.fixture(autouse=True)
def _environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment counts."""
    for name in [*_variables(), *(key for key in os.environ if key.startswith("COMPOSE_"))]:
        monkeypatch.delenv(name, raising=False)


def _variables() -> dict[str, str]:
    """Each `${NAME…}` of the file with what stands after the name."""
    lines = [line.partition(" #")[0] for line in FILE.read_text(encoding="utf-8").splitlines()]
    return dict(re.findall(r"\$\{(\w+)([^}]*)\}", "\n".join(lines)))


def _compose(*arguments: str, environ: Mapping[str, str] | None = None) -> Any:
    """The file as podman-compose understands it. Raises `ValueError` where a secret is missing."""
    compose = PodmanCompose()
    compose.commands = podman_compose.commands
    with patch.dict(os.environ, SECRETS if environ is None else environ):
        compose._parse_args(["--env-file", "", "--file", str(FILE), *(arguments or ("config",))])
        compose._parse_compose_file()
    return compose


def _service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _compose().services[name]
    return found


def _conditions(name: str) -> dict[str, str]:
    """What a service waits for, as podman-compose will check it."""
    wanted: dict[str, Mapping[str, str]] = _service(name)["depends_on"]
    return {other: value["condition"] for other, value in wanted.items()}


def test_the_services() -> None:
    assert set(_compose().services) == {"postgres", "migrate", "web", "collector"}


def test_every_wait_is_for_something_that_comes_about() -> None:
    compose = _compose()
    for name, service in compose.services.items():
        for other, value in service.get("depends_on", {}).items():
            target = compose.services[other]
            if value["condition"] == "service_healthy":
                assert target["healthcheck"]["test"], f"{name} waits for {other}'s health"
            else:
                assert value["condition"] == "service_completed_successfully"
                assert target["restart"] == "no", f"{name} waits for {other}'s end"


def test_the_migration_comes_between_the_database_and_all_others() -> None:
    assert _conditions("migrate") == {"postgres": "service_healthy"}
    for name in ("web", "collector"):
        assert _conditions(name)["migrate"] == "service_completed_successfully"


def test_commands() -> None:
    assert _service("migrate")["command"] == ["moocfeed", "migrate"]
    assert _service("collector")["command"] == ["moocfeed", "collect"]
    assert _service("web")["command"][:2] == ["moocfeed", "serve"]
    assert "--no-collect" in _service("web")["command"]


def test_health_checks() -> None:
    assert _service("postgres")["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert "/healthz" in _service("web")["healthcheck"]["test"][-1]
    for name in ("migrate", "collector"):
        assert _service(name)["healthcheck"] == {"disable": True}, f"{name} answers no requests"


def test_collectors_scale() -> None:
    compose = _compose("up", "--scale", "collector=3")
    assert len(compose.container_names_by_service["collector"]) == 3
    names = [container["name"] for container in compose.containers]
    assert len(names) == len(set(names)) == 6
    collector = compose.services["collector"]
    assert not {"container_name", "ports", "hostname"} & set(collector)


@pytest.mark.parametrize("missing", sorted(SECRETS))
@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_secret_is_named(missing: str, given: str | None) -> None:
    environ = {name: value for name, value in SECRETS.items() if name != missing}
    if given is not None:
        environ[missing] = given
    with pytest.raises(ValueError, match=f"required variable {missing} is missing a value: set"):
        _compose(environ=environ)


def test_every_variable_is_required_or_has_a_default() -> None:
    found = _variables()
    assert {name for name, rest in found.items() if rest.startswith(":?")} == set(SECRETS)
    assert all(rest.startswith((":?", ":-")) for rest in found.values()), found


@pytest.mark.parametrize("name", ["migrate", "web", "collector"])
def test_moocfeed_accepts_the_environment(name: str, tmp_path: Path) -> None:
    environ = norm_as_dict(_service(name)["environment"])
    known = {setting.variable for setting in settings.SETTINGS}
    assert {key for key in environ if key.startswith("MOOCFEED_")} <= known
    chosen = settings.load(environ, tmp_path / "none")
    assert chosen.database_url.startswith("postgresql+psycopg://")
    assert chosen.secret_key == SECRETS["MOOCFEED_SECRET_KEY"].encode()


def test_both_sides_use_the_same_database() -> None:
    compose = _compose()
    server = norm_as_dict(compose.services["postgres"]["environment"])
    web = norm_as_dict(compose.services["web"]["environment"])
    user, database = server["POSTGRES_USER"], server["POSTGRES_DB"]
    assert web["MOOCFEED_DATABASE_URL"] == f"postgresql+psycopg://{user}@postgres/{database}"
    assert web["PGPASSWORD"] == server["POSTGRES_PASSWORD"] == SECRETS["POSTGRES_PASSWORD"]
    assert f"--username={user}" in compose.services["postgres"]["healthcheck"]["test"]


def test_settings_reach_the_containers_from_outside() -> None:
    chosen = {"MOOCFEED_PUBLIC_URL": "https://feed.example", "WEB_PORT": "9000"}
    web = _compose(environ=SECRETS | chosen).services["web"]
    assert norm_as_dict(web["environment"])["MOOCFEED_PUBLIC_URL"] == "https://feed.example"
    assert web["ports"] == ["127.0.0.1:9000:8000"]


def test_images_name_no_registry() -> None:
    for name, service in _compose().services.items():
        image = service["image"]
        assert "/" not in image, f"{name}: {image}"
        assert ("build" in service) == (image == "moocfeed"), name


def test_what_is_kept_lies_in_named_volumes() -> None:
    compose = _compose()
    assert set(compose.vols) == {"database", "data"}
    assert any(text.startswith("database:") for text in compose.services["postgres"]["volumes"])
    for name in ("migrate", "web", "collector"):
        assert "data:/data" in compose.services[name]["volumes"]
