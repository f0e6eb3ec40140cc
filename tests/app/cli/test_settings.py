"""Settings: a wrong value stops the start with one line; secrets are never printed."""

import json
from pathlib import Path

import pytest

from app.settings import SETTINGS
from tests.app.cli.conftest import Run


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MOOCFEED_DATABASE_URL", "mysql://x"),
        ("MOOCFEED_DATABASE_URL", "not a url"),
        ("MOOCFEED_PUBLIC_URL", "example.org"),
        ("MOOCFEED_PUBLIC_URL", "https://example.org/feed"),
        ("MOOCFEED_PUBLIC_URL", "https://example.org/?a=b"),
        ("MOOCFEED_SECRET_KEY", "short"),
        ("MOOCFEED_FETCH_ALLOW", "10.0.0.0/99"),
        ("MOOCFEED_FETCH_CONCURRENCY", "many"),
        ("MOOCFEED_FETCH_CONCURRENCY", "0"),
        ("MOOCFEED_FETCH_PER_HOST", "-1"),
        ("MOOCFEED_TRUSTED_PROXIES", "a proxy"),
        ("MOOCFEED_LOG_FORMAT", "xml"),
        ("MOOCFEED_FRAME_ANCESTORS", "*; script-src *"),
    ],
)
def test_a_wrong_value_stops_the_start(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    for command in (["settings"], ["course", "list"], ["doctor"]):
        ran = run(*command)
        assert ran.code == 4
        assert ran.err.count("\n") == 1
        assert variable in ran.err
        assert "allowed" in ran.err


def test_secrets_are_masked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_SECRET_KEY", "hunter2hunter2hunter2")
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "postgresql+psycopg://ada:hunter2@db/moocfeed")
    ran = run("settings")
    assert "hunter2" not in ran.out + ran.err
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "mysql://ada:hunter2@db/moocfeed")
    ran = run("settings")
    assert ran.code == 4
    assert "hunter2" not in ran.out + ran.err


def test_dotenv_is_read_and_the_environment_wins(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("MOOCFEED_FETCH_CONCURRENCY=7\nMOOCFEED_FETCH_PER_HOST=3\n")
    monkeypatch.setenv("MOOCFEED_FETCH_PER_HOST", "2")
    rows = {row["variable"]: row for row in json.loads(run("settings", "--json").out)}
    assert set(rows) == {setting.variable for setting in SETTINGS}
    assert rows["MOOCFEED_FETCH_CONCURRENCY"]["value"] == "7"
    assert rows["MOOCFEED_FETCH_CONCURRENCY"]["origin"] == ".env"
    assert rows["MOOCFEED_FETCH_PER_HOST"]["value"] == "2"
    assert rows["MOOCFEED_FETCH_PER_HOST"]["origin"] == "environment"


def test_a_data_dir_that_cannot_be_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOOCFEED_DATA_DIR", str(tmp_path / "file" / "var"))
    ran = run("course", "list")
    assert ran.code == 4
    assert "MOOCFEED_DATA_DIR" in ran.err
