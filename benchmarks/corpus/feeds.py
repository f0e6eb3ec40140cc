"""Feeds of invented blogs, each on its platform, all entries carrying the course's hashtag."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from random import Random

from app.demo import formats
from app.demo.addresses import FEED_PATHS
from app.demo.entries import Channel, Document, FeedEntry
from benchmarks.corpus.markup import dressed
from benchmarks.corpus.words import Prose

HASHTAG = "samplemooc"
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 84
SEED = 7
WORDS = 120
"""Median of an entry: with the mark-up some 3 kB. Many a feed has only the beginnings of posts."""

PLATFORMS = (
    *["wordpress"] * 45,
    *["blogger"] * 18,
    *["hugo"] * 13,
    *["ghost"] * 10,
    *["jsonfeed"] * 4,
    *["rdf"] * 3,
    *["rss091"] * 2,
    *["atom03"] * 1,
    *["latin1"] * 2,
    *["illformed"] * 2,
)
"""How often each occurs among a hundred blogs; the last three are read by the slow way."""

_LINK = '<a href="{url}" target="_blank" rel="noreferrer noopener">{text}</a>'
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """A feed, ready to be served."""

    number: int
    platform: str
    entries: int
    document: Document


def feeds(
    count: int, entries: tuple[int, int], *, words: int = WORDS, seed: int = SEED
) -> Iterator[SampleFeed]:
    """So many feeds, each with a number of entries between the two given, both included.

    `words`: the median of an entry's length.
    """
    random = Random(seed)
    prose = Prose(random)
    for number in range(count):
        platform = PLATFORMS[number * 37 % len(PLATFORMS)]
        channel = _channel(number, platform, prose)
        times = _times(random, random.randint(*entries))
        made = [_entry(random, prose, channel, platform, at, number, words) for at in times]
        yield SampleFeed(number, platform, len(made), formats.write(platform, channel, made))


def home(number: int) -> str:
    """The homepage of a blog; its feed is served elsewhere, from loopback."""
    return f"https://blog{number}.example"


def _channel(number: int, platform: str, prose: Prose) -> Channel:
    path = FEED_PATHS[platform].format(tag=HASHTAG)
    title = f"{prose.title()} (Muster {number})"
    return Channel(title, f"{home(number)}/", home(number) + path, "de", f"Muster {number}")


def _times(random: Random, count: int) -> Sequence[datetime]:
    """Newest first."""
    seconds = sorted(random.sample(range(DAYS * 86_400), count), reverse=True)
    return [BEGIN + timedelta(seconds=second) for second in seconds]


def _entry(
    random: Random,
    prose: Prose,
    channel: Channel,
    platform: str,
    at: datetime,
    number: int,
    words: int,
) -> FeedEntry:
    title = prose.title()
    url = f"{home(number)}/{at:%Y/%m}/{int(at.timestamp()):x}/"
    paragraphs = prose.paragraphs(_length(random, words))
    summary = paragraphs[0][:200]
    paragraphs = [_linked(random, paragraph) for paragraph in paragraphs]
    tags = (f"#{HASHTAG}", *prose.words(random.randrange(4)))
    if platform in {"rss091", "atom03"}:  # which have no categories
        paragraphs.append(" ".join(f"#{tag.lstrip('#')}" for tag in tags))
    return FeedEntry(
        uid=f"{home(number)}/?p={int(at.timestamp())}" if platform == "wordpress" else url,
        url=url,
        title=title,
        html=dressed(platform, random, paragraphs, url),
        summary=summary,
        at=at,
        updated=at + timedelta(hours=random.choice((0, 0, 0, 5))),
        author=f"Muster {number}",
        categories=tags,
        language="de",
    )


def _length(random: Random, median: int) -> int:
    """Log-normal, as lengths of texts are: the mean is a fourth above the median."""
    return min(_LONGEST, max(10, round(random.lognormvariate(log(median), 0.7))))


def _linked(random: Random, paragraph: str) -> str:
    """Some paragraphs link to somewhere, some to another of the blogs."""
    chance = random.random()
    if chance > 0.3:
        return paragraph
    target = random.randrange(500)
    url = home(target) if chance < 0.1 else f"https://seite{target}.example/a/{target}?utm_source=x"
    words = paragraph.split(" ")
    at = random.randrange(len(words))
    words[at] = _LINK.format(url=url, text=words[at])
    return " ".join(words)
