"""Many sources at once: OPML of feed readers, and a table of name, blog and handle.

https://opml.org/spec2.opml; CSV with a heading line, separated by commas, semicolons or tabs.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from app.clock import now
from app.jobs.collecting import run
from app.registering import Registration, looked_at, register
from app.wiring import Services, fetch_policy
from collectors.contract import CollectError
from collectors.http import Fetcher
from collectors.parsing import ParserPool
from collectors.preview import Preview, Previewer
from models.domain.course import Course
from models.domain.errors import Conflict, Invalid, MoocfeedError
from models.store import courses, sources

LARGEST = 5 * 1024 * 1024
MOST = 2000
"""Rows of one file."""
AT_ONCE = 8
"""Addresses looked at at the same time."""
COLUMNS = {
    "name": {"name", "participant", "teilnehmer", "teilnehmerin", "person"},
    "blog": {"blog", "url", "website", "homepage", "feed", "address", "adresse", "webseite"},
    "handle": {"handle", "mastodon", "fediverse", "account", "konto"},
}
"""What columns may be called, in lower case."""


@dataclass(frozen=True, slots=True)
class Row:
    """One address of a file, and whose it is."""

    line: int
    """Of the table; of OPML, which outline it is."""
    url: str
    participant: str | None


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a row: `added`, `known` or `failed`."""

    row: Row
    outcome: str
    source: str | None = None
    found: Preview | None = None
    error: str | None = None


def rows_of(path: Path) -> list[Row]:
    """The addresses of a file. Raises `Invalid` where it is neither OPML nor a usable table."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read ({error.strerror}): check the name") from None
    if len(content) > LARGEST:
        raise Invalid(f"{path} is larger than 5 MiB: split it")
    is_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    rows = _opml(path, content) if is_xml else _table(path, content)
    if not rows:
        raise Invalid(f"{path} holds no address: see whether it was saved whole")
    unique = {(row.url, row.participant): row for row in reversed(rows)}
    if len(unique) > MOST:
        raise Invalid(f"{path} holds more than {MOST} addresses: split it")
    return sorted(unique.values(), key=lambda row: row.line)


def _opml(path: Path, content: bytes) -> list[Row]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(content, parser)
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise Invalid(f"{path} is XML, but no OPML: export the feeds as OPML")
    found = []
    for number, outline in enumerate(root.iter("outline"), 1):
        url = outline.get("xmlUrl") or outline.get("htmlUrl") or outline.get("url")
        if url:
            found.append(Row(number, url.strip(), None))
    return found


def _table(path: Path, content: bytes) -> list[Row]:
    text = _decoded(content)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4000], ",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(io.StringIO(text), dialect)
    lines = [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    if not lines:
        return []
    columns = _columns(path, lines[0][1])
    return [row for number, line in lines[1:] for row in _rows(number, line, columns)]


def _decoded(content: bytes) -> str:
    """Tables from spreadsheets are UTF-8, with or without its mark, or windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _columns(path: Path, heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(heading):
        for column, names in COLUMNS.items():
            if cell.strip().lower() in names:
                found.setdefault(column, at)
    if not {"blog", "handle"} & found.keys():
        raise Invalid(
            f"{path} has no column for addresses: its first line must name the columns"
            " name, blog and handle, of which blog or handle is needed"
        )
    return found


def _rows(number: int, line: Sequence[str], columns: dict[str, int]) -> list[Row]:
    def cell(column: str) -> str:
        at = columns.get(column)
        return line[at].strip() if at is not None and at < len(line) else ""

    urls = [value for value in (cell("blog"), cell("handle")) if value]
    return [Row(number, url, cell("name") or None) for url in urls]


def import_rows(
    services: Services,
    slug: str,
    course: Course,
    rows: Sequence[Row],
    on_done: Callable[[Became], None] = lambda became: None,
) -> list[Became]:
    """Looks at each address and registers it; a row that fails stops no other.

    Many are looked at side by side and registered in the order of `rows`, in which `on_done` is
    told of each, too: of two rows with one address the first says whose it is.
    """

    async def work() -> list[Became]:
        found: list[Became] = []
        async with _previewer(services) as previewer:
            slots = asyncio.Semaphore(AT_ONCE)
            looks = [asyncio.create_task(_look(course, row, previewer, slots)) for row in rows]
            try:
                for row, look in zip(rows, looks, strict=True):
                    found.append(await _became(services, slug, row, await look))
                    on_done(found[-1])
            finally:
                for look in looks:
                    look.cancel()
        return found

    return run(work())


@asynccontextmanager
async def _previewer(services: Services) -> AsyncIterator[Previewer]:
    with ParserPool(2) as parsers:
        async with Fetcher(fetch_policy(services.settings)) as fetcher:
            yield Previewer(fetcher, parsers, now)


async def _look(
    course: Course, row: Row, previewer: Previewer, slots: asyncio.Semaphore
) -> Preview | str:
    """What is there, or why nothing is."""
    async with slots:
        try:
            wanted = Registration(row.url, participant=row.participant)
            return await looked_at(previewer, wanted, [course])
        except CollectError as error:
            return error.text
        except MoocfeedError as error:
            return str(error)


async def _became(services: Services, slug: str, row: Row, found: Preview | str) -> Became:
    if isinstance(found, str):
        return Became(row, "failed", error=found)
    wanted = Registration(row.url, participant=row.participant)
    try:
        source = await asyncio.to_thread(register, services, slug, wanted, found)
    except Conflict as error:
        known = await asyncio.to_thread(_known, services, slug, found)
        return Became(row, "known" if known else "failed", known, found, str(error))
    except MoocfeedError as error:
        return Became(row, "failed", error=str(error))
    return Became(row, "added", source, found)


def _known(services: Services, slug: str, found: Preview) -> str | None:
    """The source that the course has at this address already."""
    with services.database.reading() as session:
        course = courses.plain_course(session, slug)
        row = sources.find(session, course.id, found.kind, found.url)
        return row.id if row is not None else None
