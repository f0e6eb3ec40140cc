"""What operators watch: the process, and whether it is ready."""

from starlette.testclient import TestClient

from app.wiring import Services


def test_all_is_well(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"
        assert client.head(path).content == b""


def test_a_schema_from_the_future(client: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "newer moocfeed" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200


def test_no_schema_yet(client: TestClient, services: Services) -> None:
    with services.database.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE alembic_version")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "moocfeed migrate" in answer.json()["detail"]
