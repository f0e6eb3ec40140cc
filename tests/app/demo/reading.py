"""Reads the sample web's sources as the pipeline does, over plain urllib."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from app.demo.servers import SampleWeb
from collectors.contract import Ask, CollectError, Reply
from collectors.reading import read
from collectors.registry import collector
from models.domain.coursefile import CourseFile, SourceEntry, parse
from models.domain.hashtags import match_key
from models.domain.post import Entry, Post
from models.domain.source import Rule, SourceSpec

MOST_ASKS = 60
NOW = datetime(2026, 10, 29, 21, 30, tzinfo=UTC)
"""A Thursday in the week after summer time ended."""
_OPENER = build_opener(ProxyHandler({}))


def fetch(url: str, **headers: str) -> Reply:
    """Any status is an answer."""
    request = Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        answer: Any = _OPENER.open(request, timeout=10)
    except HTTPError as error:
        answer = error
    with answer:
        names = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(url, answer.status, names, answer.read())


def spec(file: CourseFile, source: SourceEntry) -> SourceSpec:
    starts = file.course.starts_at()
    rule = Rule(
        hashtags=tuple(map(match_key, file.course.hashtags)),
        match=source.match,
        language=file.course.language,
        participant_registered=source.participant is not None,
        since=starts.timestamp() if starts else None,
    )
    return SourceSpec(
        source.url, source.kind, source.url, rule, participant_name=source.participant
    )


def entries(source: SourceSpec, now: datetime) -> Iterator[Entry]:
    """Everything a source gives until it wants no further request. Raises `CollectError`."""
    for _ in range(MOST_ASKS):
        ask = collector(source.kind).ask(source)
        reading = read(source, _answered(ask), now)
        yield from reading.entries
        if not reading.more:
            return
        source = replace(source, cursor=reading.cursor)
    raise AssertionError(f"{source.url} never ends")


def posts(source: SourceSpec, now: datetime) -> list[Post]:
    return [entry for entry in entries(source, now) if isinstance(entry, Post)]


def of_site(web: SampleWeb, site: str) -> list[Post]:
    """What matches of one site of the sample."""
    file = parse(web.course_toml())
    source = next(each for each in file.sources if each.url == web.source_url(site))
    return posts(spec(file, source), NOW)


def _answered(ask: Ask) -> Reply:
    reply = fetch(ask.url, Accept=ask.accept)
    if reply.status >= 400 and reply.status not in ask.answers:
        raise CollectError(f"status-{reply.status}", f"{ask.url} answered {reply.status}")
    return reply
