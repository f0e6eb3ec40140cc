"""From settings to services."""

from pathlib import Path

import pytest

from app import settings, wiring
from app.settings import ConfigError


def load(folder: Path, **given: str) -> settings.Settings:
    data_dir = {"MOOCFEED_DATA_DIR": str(folder / "var" / "deep")}
    return settings.load({**data_dir, **given}, folder / ".env")


def test_the_data_dir_is_made_and_nothing_is_connected(tmp_path: Path) -> None:
    wiring.build(load(tmp_path))
    assert (tmp_path / "var" / "deep").is_dir()
    assert not list((tmp_path / "var" / "deep").iterdir())


def test_a_data_dir_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file in the way")
    with pytest.raises(ConfigError, match="MOOCFEED_DATA_DIR"):
        wiring.build(load(tmp_path))


def test_no_folder_is_made_for_another_database(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ada:geheim@127.0.0.1:1/x"
    services = wiring.build(load(tmp_path, MOOCFEED_DATABASE_URL=url))
    assert not (tmp_path / "var").exists()
    assert not services.database.is_sqlite


def test_who_asks(tmp_path: Path) -> None:
    policy = wiring.fetch_policy(load(tmp_path, MOOCFEED_PUBLIC_URL="https://feed.example"))
    assert policy.user_agent == f"moocfeed/{wiring.VERSION} (+https://feed.example)"
    given = load(
        tmp_path,
        MOOCFEED_USER_AGENT_CONTACT="mailto:team@example.org",
        MOOCFEED_FETCH_CONCURRENCY="7",
    )
    policy = wiring.fetch_policy(given)
    assert policy.user_agent.endswith("(+mailto:team@example.org)")
    assert policy.concurrency == 7
