"""Pictures of a running service: by two web processes, over a restart, with nobody left behind."""

import re
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.pictures import opened, png_of
from tests.sites import Page, Site, rss, site
from tests.system.service import Installation, alive, serving
from tests.waiting import wait_for

pytestmark = pytest.mark.system

COURSE = """
[course]
slug = "bilder"
title = "Ein Kurs mit Bildern"
hashtags = ["bilder"]
[[sources]]
kind = "feed"
url = "{origin}/feed"
"""


def feed(pictures: Site, count: int) -> bytes:
    images = "".join(f"&lt;img src='{pictures.origin}/{n}.png'&gt;" for n in range(count))
    return rss(
        "<item><title>Bilder #bilder</title><link>https://blog.example/1</link>"
        f"<guid>https://blog.example/1</guid><description>{images}</description></item>"
    )


def addresses(base: str) -> list[str]:
    with urllib.request.urlopen(f"{base}/bilder", timeout=20) as answer:
        found = re.findall(r'src="(/media/[^"]+)"', answer.read().decode())
    return [base + path for path in found]


def sizes(urls: Sequence[str]) -> list[tuple[int, int]]:
    """Of the pictures, all asked for at once."""

    def size(url: str) -> tuple[int, int]:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return opened(answer.read()).size

    with ThreadPoolExecutor(8) as visitors:
        return list(visitors.map(size, urls))


def test_two_processes_a_restart_and_an_end(tmp_path: Path) -> None:
    with site() as pictures:
        for number in range(6):
            pictures.pages[f"/{number}.png"] = Page(png_of(900 + number, 300), "image/png")
        pictures.pages["/feed"] = Page(feed(pictures, 6))
        installation = Installation(tmp_path, {"MOOCFEED_FETCH_ALLOW": pictures.netloc})
        (tmp_path / "course.toml").write_text(COURSE.format(origin=pictures.origin))
        installation.run("course", "apply", "course.toml")
        installation.run("collect", "--once")
        with serving(installation, "--no-collect", "--workers", "2") as (base, process):
            urls = addresses(base)
            assert len(set(urls)) == 6
            assert {width for width, _ in sizes(urls * 3)} == {640}
            started = process.children(recursive=True)
            assert _decoding(started)
        wait_for(lambda: not any(map(alive, started)))  # the decoders have gone along
        pictures.pages.clear()
        with serving(installation, "--no-collect") as (base, process):
            assert len(sizes(addresses(base))) == 6
            assert not _decoding(process.children(recursive=True))  # nothing had to be fetched


def _decoding(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if "collectors.workers" in one.cmdline()]
