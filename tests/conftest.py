"""Hostile settings for all tests: loopback only, warnings are errors, property tests in earnest."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from models.store import schema
from models.store.engine import Database
from tests import databases
from tests.databases import PostgresServer

settings.register_profile(
    "moocfeed",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("moocfeed")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere else is a failed test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = ipaddress.ip_address(address[0]) if _is_address(address[0]) else None
            assert host is not None and host.is_loopback, f"a test connects to {address}"  # noqa: PT018
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with databases.postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, on each of the two."""
    if request.param == "sqlite":
        return databases.sqlite_url(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the newest schema, on each of the two."""
    if request.param == "sqlite":
        with databases.opened(databases.sqlite_url(tmp_path)) as made:
            schema.migrate(made)
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with databases.opened(server.migrated()) as made:
        yield made
