"""A reader of event streams that keeps to the WHATWG's rules, and remembers where it is."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Told:
    """An event as it was told."""

    revision: int
    change: str
    data: Any


@dataclass
class Reader:
    """What it has heard, over all its connections; `last` is what it sends as `Last-Event-ID`."""

    told: list[Told] = field(default_factory=list)
    last: str | None = None
    begin: int | None = None
    """Where the first connection that got as far as that told it that it is."""
    comments: int = 0
    _open: bytes = b""

    def connect(self) -> None:
        """A new connection: what had not been completed counts for nothing."""
        self._open = b""

    def feed(self, chunk: bytes) -> None:
        *blocks, self._open = (self._open + chunk).split(b"\n\n")
        for block in blocks:
            self._block(block.decode())

    def _block(self, block: str) -> None:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            assert name not in fields, block
            fields[name] = value.removeprefix(" ")
        self.comments += "" in fields
        if "id" in fields and self.last is None:
            self.begin = int(fields["id"])
        self.last = fields.get("id", self.last)
        if "data" in fields:
            assert self.last is not None
            self.told.append(Told(int(self.last), fields["event"], json.loads(fields["data"])))

    def __post_init__(self) -> None:
        self.begin = None if self.last is None else int(self.last)

    @property
    def revisions(self) -> list[int]:
        return [told.revision for told in self.told]
