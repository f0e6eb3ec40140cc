"""nginx as a static server: ETag and Last-Modified from the file, 304 for those who know it."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.processes import Process, ended

_TYPES = "application/rss+xml xml; application/feed+json json; text/html html;"


def available() -> bool:
    return shutil.which("nginx") is not None


@contextlib.contextmanager
def serving(folder: Path, hosts: Sequence[str], port: int, state: Path) -> Iterator[Process]:
    """Serves a folder's files on these addresses until the block ends.

    `state` is a folder for its configuration, which is made. One worker, no `open_file_cache`.
    """
    state.mkdir()
    configuration = state / "nginx.conf"
    configuration.write_text(_configuration(folder, hosts, state, port))
    command = ["nginx", "-e", "stderr", "-p", str(state), "-c", str(configuration)]
    with ended(subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=state)) as process:
        yield process


def _configuration(folder: Path, hosts: Sequence[str], state: Path, port: int) -> str:
    listens = "\n".join(f"listen {host}:{port};" for host in hosts)
    temporary = "\n".join(
        f"{name}_temp_path {state / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root its worker would become another user, who may not see a temporary folder.
    user = "user root root;" if os.geteuid() == 0 else ""
    return f"""
{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {state / "nginx.pid"};
error_log stderr error;
events {{ worker_connections {len(hosts) + 4096}; }}
http {{
access_log off;
sendfile on;
tcp_nopush on;
keepalive_timeout 60;
keepalive_requests 1000000;
types {{ {_TYPES} }}
default_type application/xml;
{temporary}
server {{
{listens}
root {folder};
}}
}}
"""
