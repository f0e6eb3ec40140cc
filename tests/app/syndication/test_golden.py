"""What each format looks like, byte for byte. After a wanted change, write the files anew:

UPDATE_GOLDEN=1 pytest tests/app/syndication/test_golden.py
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.syndication import atom, ical, jsonfeed, opml, rss
from tests.app.syndication import samples

FOLDER = Path(__file__).with_name("golden")
HOME = "https://feed.example/sample"
DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "subscription.rss": lambda: rss.write(samples.subscription("rss")),
    "subscription.atom": lambda: atom.write(samples.subscription("atom")),
    "subscription.json": lambda: jsonfeed.write(samples.subscription("json")),
    "archive.rss": lambda: rss.write(samples.archive("rss")),
    "archive.atom": lambda: atom.write(samples.archive("atom")),
    "archive.json": lambda: jsonfeed.write(samples.archive("json")),
    "sources.opml": lambda: opml.write(samples.COURSE, samples.SOURCES),
    "calendar.ics": lambda: ical.write(samples.COURSE, HOME, samples.AT),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_stay_as_they_are(name: str) -> None:
    written = DOCUMENTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / name).write_bytes(written)
    assert written == (FOLDER / name).read_bytes()
