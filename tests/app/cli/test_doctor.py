"""`doctor`: what it looks at; each failing line comes with its mend."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import doctor
from tests.app.cli.conftest import Ran, Run
from tests.app.cli.test_course import COURSE, written
from tests.sites import Page, item, rss, site


@pytest.fixture(autouse=True)
def no_outgoing_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe asks a server of ours instead of the real one."""
    monkeypatch.setattr(doctor, "PROBE", "http://127.0.0.1:1/nobody-listens")


def checks(ran: Ran) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(ran.out)["checks"]}


def examined(run: Run) -> dict[str, dict[str, Any]]:
    return checks(run("doctor", "--json"))


def test_nothing_is_there_yet(run: Run, tmp_path: Path) -> None:
    found = examined(run)
    assert found["data dir"]["message"] == str(tmp_path / "var")
    assert (found["migrations"]["ok"], found["migrations"]["mend"]) == (False, "moocfeed migrate")
    assert found["database"]["ok"]
    assert found["time zone"]["ok"]
    assert "this machine only" in found["public url"]["message"]
    run("migrate")
    assert examined(run)["courses"]["mend"] == "moocfeed course apply FILE"


def test_failing_lines_come_with_their_mend(run: Run) -> None:
    ran = run("doctor")
    assert ran.code == 1
    lines = ran.out.splitlines()
    failing = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
    assert failing
    assert all(lines[number + 1].strip().startswith("mend: ") for number in failing)


def test_all_is_well(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    with site({"/": Page(b"here"), "/feed": Page(rss(item(1, "Ein Beitrag #demo")))}) as served:
        monkeypatch.setattr(doctor, "PROBE", f"{served.origin}/")
        text = COURSE.replace("https://example.org/feed.xml", f"{served.origin}/feed")
        run("course", "apply", written(tmp_path, text))
        assert "not asked yet" in run("doctor").out
        run("collect", "--once")
        ran = run("doctor", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["ok"]
    assert all(check["mend"] is None for check in checks(ran).values())


def test_sources(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_FETCH_ALLOW", "127.0.0.1/32")
    pages = {"/": Page(b"", status=500), "/gone": Page(b"", status=410)}
    with site(pages) as served:
        sources = "".join(
            f'[[sources]]\nkind = "feed"\nurl = "{served.origin}{path}"\n'
            for path in ("/?a=1&b=/broken", "/gone", "/paused")
        )
        text = COURSE[: COURSE.index("[[sources]]")] + sources
        run("course", "apply", written(tmp_path, text))
        rows = json.loads(run("source", "list", "--json").out)
        ids = {row["url"].rsplit("/", 1)[1]: row["id"] for row in rows}
        run("source", "pause", ids["paused"])
        run("collect", "--once")
    found = examined(run)
    mend = f"moocfeed source check '{served.origin}/?a=1&b=/broken'"  # as shells take it
    assert found[f"source {ids['broken']}"]["mend"] == mend
    assert "never" in found[f"source {ids['broken']}"]["message"]
    assert found[f"source {ids['gone']}"]["mend"] == f"moocfeed source pause {ids['gone']}"
    assert found[f"source {ids['paused']}"]["ok"]
    run("source", "pause", ids["gone"])
    assert examined(run)[f"source {ids['gone']}"]["ok"]
    with closing(sqlite3.connect(tmp_path / "var" / "moocfeed.db")) as db, db:
        db.execute("UPDATE sources SET kind = 'webmention' WHERE id = ?", [ids["broken"]])
    assert f"source {ids['broken']}" not in examined(run)  # a stranger's page is nobody's fault


def test_a_key_that_others_can_read(run: Run, tmp_path: Path) -> None:
    run("migrate")
    key = tmp_path / "var" / "secret.key"
    key.write_text("k" * 64)
    key.chmod(0o644)
    found = examined(run)["secret key"]
    assert (found["ok"], found["mend"]) == (False, f"chmod 600 {key}")
    key.chmod(0o600)
    assert examined(run)["secret key"]["ok"]


def test_a_data_dir_that_may_not_be_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("migrate")
    real = os.access  # which lets root write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and mode == os.F_OK)
    found = examined(run)["data dir"]
    assert not found["ok"]
    assert str(tmp_path / "var") in found["mend"]


def test_a_host_that_nobody_knows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_PUBLIC_URL", "https://feed.invalid")
    assert "MOOCFEED_PUBLIC_URL" in examined(run)["public url"]["mend"]


def test_a_database_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOOCFEED_DATABASE_URL", "postgresql+psycopg://ada:geheim@127.0.0.1:1/x")
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert not checks(ran)["database"]["ok"]
    assert "courses" not in checks(ran)
    assert "geheim" not in ran.out + ran.err


def test_a_schema_from_the_future(run: Run, tmp_path: Path) -> None:
    run("migrate")
    with closing(sqlite3.connect(tmp_path / "var" / "moocfeed.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = examined(run)["migrations"]
    assert not found["ok"]
    assert "newer moocfeed" in found["message"]
