"""What the answers of one run say of the source itself: checks of older posts say nothing of it."""

from dataclasses import dataclass, replace

from collectors import websub
from collectors.contract import Hints
from collectors.http import Fetched
from collectors.reading import Reading
from collectors.websub import Offer

NOTHING = Hints()


@dataclass(slots=True)
class Heard:
    """Of a run, and how far it has come. What a later answer says counts more."""

    hints: Hints = NOTHING
    title: str | None = None
    homepage: str | None = None
    offer: Offer | None = None
    """Of the last answer that speaks of the source, or is the run's last."""

    def hear(self, fetched: Fetched, reading: Reading) -> None:
        """Takes an answer into account."""
        speaks = reading.hints != NOTHING or bool(reading.title or reading.homepage)
        if speaks or (self.offer is None and not reading.more):
            self.offer = websub.offer(fetched.reply.url, fetched.reply.headers, reading.hints)
        if reading.hints != NOTHING:
            self.hints = reading.hints
        self.title = reading.title or self.title
        self.homepage = reading.homepage or self.homepage

    def told(self, reading: Reading) -> Reading:
        """The last answer's reading, with what was said before it."""
        return replace(reading, hints=self.hints, title=self.title, homepage=self.homepage)
