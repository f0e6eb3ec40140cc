"""The API's description: a snapshot that changes only on purpose, and a service that keeps it.

Renew the snapshot after a wanted change: `MOOCFEED_RENEW=1 make test ARGS=tests/app/api`.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from app.web import create_app
from app.wiring import Services

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_the_description_is_as_agreed(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    del described["info"]["version"]
    if os.environ.get("MOOCFEED_RENEW"):
        SNAPSHOT.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    assert described == json.loads(SNAPSHOT.read_text())


def test_every_answer_has_an_example(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    for name in ("Course", "Post"):
        properties = described["components"]["schemas"][name]["properties"]
        assert any("examples" in shape for shape in properties.values()), name


@pytest.fixture
def live(services: Services) -> Iterator[str]:
    """The service under a real server on loopback."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(services), log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_the_live_service_keeps_its_description(live: str) -> None:
    schema = schemathesis.openapi.from_url(f"{live}/api/v1/openapi.json")
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
    ]
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=15,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def conforms(case: Any) -> None:
            case.path_parameters.update(
                {name: "sample" for name in case.path_parameters if name == "course"}
            )
            case.call_and_validate(base_url=live, checks=checks)

        conforms()
        tried += 1
    assert tried >= 14
