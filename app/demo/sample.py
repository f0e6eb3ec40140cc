"""The sample's posts: who wrote what, when, and in answer to whom.

`build` is deterministic: whatever the hour, one day has one sample, and the days of one week show
ever more of the same one.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.demo import material
from app.demo.authoring import Authoring, moment_of
from app.demo.posts import SamplePost

SEED = 2014


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample course on one day."""

    monday: date
    """When its current week, the fifth of six, began."""
    posts: tuple[SamplePost, ...]
    """To the day's end, in order of time."""

    def until(self, moment: datetime) -> tuple[SamplePost, ...]:
        """What is written by then."""
        return tuple(post for post in self.posts if post.at <= moment)


def build(now: datetime, seed: int = SEED) -> Sample:
    """The sample whose fifth week `now` falls in. Equal for every `now` of one local day."""
    zone = ZoneInfo(material.course()["timezone"])
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    tomorrow = moment_of(today + timedelta(days=1), time(), zone)
    posts = sorted(Authoring(monday, zone, seed).posts(), key=lambda post: (post.at, post.key))
    return Sample(monday, tuple(post for post in posts if post.at < tomorrow))
