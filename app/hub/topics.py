"""Topics: the addresses of our feeds, and nothing else."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from pydantic import ValidationError

from app.api.answers import PREFIX
from app.api.query import Paging
from models.domain.errors import NotFound

LONGEST = 1000
_PLACE = re.compile(
    rf"(?:{PREFIX}/courses)?/(?P<slug>[a-z0-9-]{{1,64}})/feed\.(?P<suffix>rss|atom|json)"
    r"(?:\?(?P<query>[!#-;=?-~]*))?"
)
"""Below the public URL; the query in ASCII, without what would end it in a `Link` header."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A feed that can be subscribed to."""

    slug: str
    suffix: str
    query: Paging


@lru_cache(maxsize=256)
def read_topic(public_url: str, text: str) -> Topic:
    """What an address names. Raises `NotFound`: it is no feed of ours, or only a page of one."""
    place = None
    if len(text) <= LONGEST and text.startswith(public_url):
        place = _PLACE.fullmatch(text.removeprefix(public_url))
    if place is None:
        raise NotFound("this is the address of no feed here")
    given = parse_qsl(place["query"] or "", keep_blank_values=True)
    try:
        query = Paging.model_validate(dict(given))
    except ValidationError:
        raise NotFound("no feed takes such parameters") from None
    if query.cursor is not None or len(dict(given)) < len(given):
        raise NotFound("no feed takes such parameters")
    return Topic(place["slug"], place["suffix"], query)
