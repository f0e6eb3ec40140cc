"""Documents as they are delivered: each is made once for all who get it."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

from app.hub.topics import read_topic
from app.syndication.documents import Document, document
from app.wiring import Services
from models.domain.errors import NotFound
from models.store import courses

KEPT = 32
"""Documents: subscribers of one course mostly want one of three."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A topic's document at a revision of its course."""

    revision: int
    document: Document
    digest: str
    """Of its content: editions with the same are the same to subscribers."""


class Editions:
    """Makes documents of topics, and keeps the last ones. To be used from several threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: OrderedDict[str, Edition] = OrderedDict()
        self._lock = Lock()

    def newest(self, text: str) -> Edition | None:
        """The topic's present edition; None where there is no such feed any more."""
        try:
            topic = read_topic(self._services.settings.public_url, text)
            with self._services.database.reading() as session:
                row = courses.plain_course(session, topic.slug)
                with self._lock:
                    known = self._kept.get(text)
                if known is not None and known.revision == row.revision:
                    return known
                made = document(session, self._services, row, topic.query, topic.suffix)
        except NotFound:
            return None
        edition = Edition(row.revision, made, blake2b(made.body, digest_size=16).hexdigest())
        with self._lock:
            self._kept[text] = edition
            self._kept.move_to_end(text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return edition
