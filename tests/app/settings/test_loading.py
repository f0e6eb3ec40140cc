"""Where settings come from, and what they amount to."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.settings import SETTINGS, ConfigError, Settings, load


def loaded(folder: Path, **given: str) -> Settings:
    """From these variables alone, with a data dir in `folder`."""
    data_dir = {"MOOCFEED_DATA_DIR": str(folder / "var")}
    variables = {f"MOOCFEED_{name}": value for name, value in given.items()}
    return load({**data_dir, **variables}, folder / ".env")


def shown(settings: Settings) -> dict[str, tuple[str, str]]:
    return {one.name: (settings.shown(one), settings.origin(one)) for one in SETTINGS}


def test_defaults(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.user_agent_contact == settings.public_url
    assert (settings.fetch_concurrency, settings.fetch_per_host) == (50, 1)
    assert settings.frame_ancestors == "*"
    assert settings.trusted_proxies == "127.0.0.1"
    assert make_url(settings.database_url).database == str(tmp_path / "var" / "moocfeed.db")


def test_what_is_shown_is_what_holds(tmp_path: Path) -> None:
    assert shown(loaded(tmp_path))["USER_AGENT_CONTACT"] == ("http://127.0.0.1:8000", "default")
    given = loaded(tmp_path, PUBLIC_URL="https://feed.example/", DATABASE_URL="sqlite:///x.db")
    assert shown(given)["PUBLIC_URL"] == ("https://feed.example", "environment")
    assert shown(given)["USER_AGENT_CONTACT"] == ("https://feed.example", "default")
    assert shown(given)["DATABASE_URL"] == ("sqlite:///x.db", "environment")
    assert shown(given)["LOG_FORMAT"][0] in {"console", "json"}


def test_the_secret_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert shown(settings)["SECRET_KEY"] == ("", "default")
    key = settings.secret_key
    path = tmp_path / "var" / "secret.key"
    assert len(key) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert loaded(tmp_path).secret_key == key
    assert shown(loaded(tmp_path))["SECRET_KEY"] == ("********", "data dir")
    assert loaded(tmp_path, SECRET_KEY="a key for tests only").secret_key == b"a key for tests only"


def test_a_key_that_cannot_be_kept(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    (tmp_path / "var").write_text("a file in the way")
    with pytest.raises(ConfigError, match="MOOCFEED_DATA_DIR"):
        _ = settings.secret_key


@pytest.mark.parametrize("name", ["a b", "what?", "100%", "#1", "größer"])
def test_a_data_dir_of_any_name(tmp_path: Path, name: str) -> None:
    settings = load({"MOOCFEED_DATA_DIR": str(tmp_path / name)}, tmp_path / ".env")
    assert make_url(settings.database_url).database == str(tmp_path / name / "moocfeed.db")


def test_children_get_the_same(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MOOCFEED_FETCH_CONCURRENCY=7\nMOOCFEED_SECRET_KEY=" + "k" * 20)
    settings = load({"MOOCFEED_DATA_DIR": str(tmp_path)}, tmp_path / ".env")
    child = load(settings.environ(), tmp_path / "no .env here")
    assert child.values == settings.values


def test_dotenv_files_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"MOOCFEED_LOG_FORMAT=\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load({}, file)
