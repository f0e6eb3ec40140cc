"""Kind `feed`: a feed's own address. RSS 0.9x/1.0/2.0, Atom 0.3/1.0, JSON Feed 1.0/1.1."""

from collectors import older
from collectors.contract import Ask, Batch, Reply
from collectors.feeds import ACCEPT, read_feed
from models.domain.source import SourceSpec


class FeedCollector:
    kind = "feed"
    pace = (600.0, 86_400.0)

    def ask(self, source: SourceSpec) -> Ask:
        return Ask(source.url, accept=ACCEPT)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        return read_feed(source.url, reply)

    def ways(self, source: SourceSpec) -> int:
        return 1

    def look_back(self, source: SourceSpec) -> Ask:
        return older.ask(source, source.url)

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        return older.read(source, reply, lambda answer: read_feed(source.url, answer))
