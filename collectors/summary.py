"""What a run brought."""

from dataclasses import dataclass, field
from typing import Any

from collectors.pipeline import Done
from models.store.touched import Counts


@dataclass(slots=True)
class Summary:
    """Sources by what became of them, posts by what changed, and how long it took in seconds."""

    sources: dict[str, int] = field(
        default_factory=lambda: {"fetched": 0, "unchanged": 0, "failed": 0}
    )
    posts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    _failed: dict[str, Done] = field(default_factory=dict)

    @property
    def failures(self) -> list[Done]:
        """Of each source whose last fetch failed, how: not more with time."""
        return list(self._failed.values())

    def add(self, done: Done) -> None:
        """Counts one source in."""
        self.sources[done.outcome] += 1
        self.posts += done.counts
        if done.error is None:
            self._failed.pop(done.source.id, None)
        else:
            self._failed[done.source.id] = done

    def as_json(self) -> dict[str, Any]:
        """The form that the command line promises."""
        posts = {
            "new": self.posts.new,
            "changed": self.posts.changed,
            "withdrawn": self.posts.withdrawn,
        }
        return {"sources": self.sources, "posts": posts, "seconds": round(self.seconds, 3)}
