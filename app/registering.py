"""From an address to a source: look at it first, then store it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clock import now
from app.jobs.collecting import run
from app.wiring import Services, fetch_policy
from collectors.contract import CollectError
from collectors.http import Fetcher
from collectors.needs import NOTHING_GIVEN, Given
from collectors.parsing import ParserPool
from collectors.preview import Preview, Previewer
from collectors.registry import registrable
from collectors.vault import Vault
from collectors.webfinger import profile_of_handle
from models.domain.course import Consent, Course
from models.domain.errors import Invalid, MoocfeedError
from models.domain.hashtags import match_key
from models.domain.links import is_web_url
from models.domain.source import Match, Rule, SourceState
from models.store import courses, people, sources

NO_TLS = frozenset({"tls", "connect"})
"""Failures of https after which an address given without a scheme is tried with http."""


class Unusable(MoocfeedError):
    """The address cannot become a source; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody wants registered."""

    url: str
    kind: str | None = None
    """None finds out."""
    match: Match = Match.HASHTAG
    participant: str | None = None
    given: Given = NOTHING_GIVEN
    """A secret and options, for kinds that take them."""


def preview(services: Services, wanted: Registration, among: Sequence[Course]) -> Preview:
    """Looks at an address or a handle; stores nothing. Blocking. Raises `Unusable`, `Invalid`."""
    if wanted.kind is not None:
        registrable(wanted.kind)
    try:
        return run(_preview(services, wanted, among))
    except CollectError as error:
        raise Unusable(f"{wanted.url}: {error.text}") from None


def register(services: Services, slug: str, wanted: Registration, found: Preview) -> str:
    """Stores a source that was looked at; returns its id. Raises `Conflict`, `NotFound`.

    A source that the course has already gets the secret and the options that were given.
    """
    at, given = now(), wanted.given
    secret = Vault(services.settings.secret_key).seal(given.secret) if given.secret else None
    with services.database.writing() as session:
        course = courses.plain_course(session, slug)
        known = sources.find(session, course.id, found.kind, found.url)
        if known and known.state is not SourceState.REMOVED and (secret or given.options):
            sources.equip(session, known, secret=secret, options=found.options, now=at)
            return known.id
        participant_id = (
            people.ensure(session, course.id, wanted.participant, at)
            if wanted.participant
            else None
        )
        return sources.add(
            session,
            course.id,
            kind=found.kind,
            url=found.url,
            now=at,
            match=wanted.match,
            title=None,
            participant_id=participant_id,
            options=found.options,
            secret=secret,
        )


def _rule(wanted: Registration, among: Sequence[Course]) -> Rule:
    starts: list[datetime] = [start for course in among if (start := course.starts_at())]
    return Rule(
        hashtags=tuple(match_key(tag) for course in among for tag in course.hashtags),
        spelled=tuple(tag for course in among for tag in course.hashtags),
        match=wanted.match,
        language=among[0].language if among else "de",
        registered_only=any(course.consent is Consent.REGISTERED for course in among),
        participant_registered=wanted.participant is not None,
        since=min(starts).timestamp() if starts else None,
    )


async def _preview(services: Services, wanted: Registration, among: Sequence[Course]) -> Preview:
    with ParserPool(1) as parsers:
        async with Fetcher(fetch_policy(services.settings)) as fetcher:
            return await looked_at(Previewer(fetcher, parsers, now), wanted, among)


async def looked_at(previewer: Previewer, wanted: Registration, among: Sequence[Course]) -> Preview:
    """What is at an address or a handle, for these courses. Raises `CollectError`, `Invalid`."""
    profile = profile_of_handle(wanted.url)
    kind = wanted.kind or ("fediverse" if profile else None)
    addresses = _addresses(profile.removeprefix("https://") if profile else wanted.url)
    rule = _rule(wanted, among)
    for url in addresses:
        try:
            return await previewer.look(url, kind, rule, wanted.given)
        except CollectError as error:
            if url == addresses[-1] or error.code not in NO_TLS:
                raise
    raise asyncio.InvalidStateError("an address is looked at or refused")


def _addresses(given: str) -> list[str]:
    """As given; people leave the scheme out."""
    text = given.strip()
    bare = text.lstrip("/")
    found = [text] if "://" in text else [f"https://{bare}", f"http://{bare}"]
    if not all(map(is_web_url, found)):
        raise Invalid(
            f"{text!r} is no web address: give one that begins with https://,"
            " or a handle (@user@host)",
            "url",
        )
    return found
