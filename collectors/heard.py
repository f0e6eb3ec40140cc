"""What the answers of one run say of the source itself: checks of older posts say nothing of it."""

from dataclasses import dataclass, field, replace

from collectors import websub
from collectors.contract import Ask, Hints
from collectors.http import Fetched, Validators
from collectors.reading import Reading
from collectors.websub import Offer

NOTHING = Hints()


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer says for the next request to its address."""

    asked: str
    """The address, before redirects."""
    final: str
    validators: Validators
    digest: str
    """Of its body."""
    fresh_for: float | None
    moved_to: str | None

    def stands_for(self, fetched: Fetched) -> Fetched:
        """A later answer of the same run, with what this one says of the source."""
        return replace(
            fetched,
            validators=self.validators,
            fresh_for=self.fresh_for,
            moved_to=self.moved_to,
        )


@dataclass(slots=True)
class Heard:
    """Of a run, and how far it has come. What a later answer says counts more."""

    hints: Hints = NOTHING
    title: str | None = None
    homepage: str | None = None
    offer: Offer | None = None
    """Of the last answer that speaks of the source, or is the run's last."""
    answers: list[Answered] = field(default_factory=list)
    """In their order, without those to checks."""

    def note(self, ask: Ask, fetched: Fetched, digest: str) -> None:
        """An answer that is no check's, whether it has to be read or not."""
        reply = fetched.reply
        self.answers.append(
            Answered(
                ask.url,
                reply.url,
                fetched.validators,
                digest,
                fetched.fresh_for,
                fetched.moved_to,
            )
        )

    def repeated_by(self, following: Ask) -> Answered | None:
        """The answer that the next run's first request asks for again, if it may be conditional."""
        if not following.conditional:
            return None
        return next(
            (one for one in reversed(self.answers) if following.url in {one.asked, one.final}), None
        )

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
