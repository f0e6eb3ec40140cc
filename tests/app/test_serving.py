"""The socket that is served on. (tests/system serves on it for real.)"""

import socket

import pytest

from app import serving
from models.domain.errors import MoocfeedError


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("::1", "[::1]"),
        ("::", "[::1]"),
    ],
)
def test_where_a_browser_finds_it(host: str, shown: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with serving.listen(host, 0) as listening:
        port = listening.getsockname()[1]
        assert serving.address(listening) == f"http://{shown}:{port}/"


def test_a_port_in_use_is_named_with_the_mend() -> None:
    with serving.listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MoocfeedError, match=rf"127\.0\.0\.1:{port} .*--port"):
            serving.listen("127.0.0.1", port)


def test_a_host_that_nobody_knows() -> None:
    with pytest.raises(MoocfeedError, match="--host"):
        serving.listen("nobody.invalid", 0)


def test_a_signal_that_comes_early_is_not_lost() -> None:
    """Between announcing the address and uvicorn's own handlers."""
    stopped: list[str] = []
    early, late = serving.Ending(), serving.Ending()
    early.ask()
    early.ends(lambda: stopped.append("early"))
    late.ends(lambda: stopped.append("late"))
    assert stopped == ["early"]
    late.ask()
    assert stopped == ["early", "late"]
