"""What the sample course is made of: people, weeks and texts, read from `data/*.toml`.

Everything in it is invented, and every person is named as a sample.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

WRITTEN_WEEKS = 5
"""Weeks that have texts: the course is in the last of them."""
_ENGLISH = "en:"
_SAME_AUTHOR = "↳"
_AFTER = re.compile(r"d(?P<day>[0-6]):")


@dataclass(frozen=True, slots=True)
class Writer:
    """A sample person, who has either a blog or an account on an instance."""

    name: str
    site: str
    """The blog, or the account's home instance."""
    weeks: tuple[int, ...]
    """When they write."""
    language: str = "de"
    handle: str | None = None
    """Of the account; None for bloggers."""
    bio: str = "Beispielkonto des moocfeed-Demokurses."
    noindex: bool = False


@dataclass(frozen=True, slots=True)
class Blog:
    """A sample blog."""

    site: str
    title: str
    writer: str
    platform: str
    """The form of its feed, one of `formats.FEED_PATHS`."""
    source: str
    """Kind of source it is registered as: `blog` by its homepage, `feed` by its feed's address."""
    tagging: str
    """Where the hashtag stands: `category`, `title`, `text` or `none`."""
    language: str = "de"
    advertised: str = "link"
    """How the homepage names its feed: in `link` elements, a `header`, or an `anchor` only."""


@dataclass(frozen=True, slots=True)
class BlogText:
    """A whole blog post. Paragraphs stand apart by empty lines; see `markup`."""

    title: str
    text: str
    language: str = "de"
    tags: tuple[str, ...] = ()
    by: str | None = None
    """The site it belongs to, or None: anybody's."""
    picture: str | None = None
    """What the picture of this post shows, or None."""
    after: int = 0
    """The first day of the week on which it may come, 0 is Monday."""


@dataclass(frozen=True, slots=True)
class StatusText:
    """A status with its answers, in order."""

    text: str
    language: str = "de"
    answers: tuple["StatusText", ...] = ()
    same_author: bool = False
    """An answer by whoever wrote the status."""
    warning: str | None = None
    poll: tuple[str, ...] = ()
    picture: str | None = None
    after: int = 0
    """The first day of the week on which it may come, 0 is Monday."""


@dataclass(frozen=True, slots=True)
class WeekTexts:
    """What is written in one week."""

    blogs: tuple[BlogText, ...]
    threads: tuple[StatusText, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences that are filled in, and posts that have nothing to do with the course."""

    sharing: tuple[str, ...]
    """How a status passes on a blog post: `{name}`, `{title}`, `{link}`."""
    sharing_en: tuple[str, ...]
    linking: tuple[str, ...]
    """How a blog post refers to another: `{name}`, `{link}`."""
    linking_en: tuple[str, ...]
    offtopic: tuple[BlogText, ...]


def writers() -> tuple[Writer, ...]:
    """All sample people, bloggers first."""
    people = _data("people")
    bloggers = [
        Writer(each["name"], each["site"], tuple(each["weeks"]), each.get("language", "de"))
        for each in people["blogs"]
    ]
    tooters = [
        Writer(site=each.pop("home"), weeks=tuple(each.pop("weeks")), **each)
        for each in map(dict, people["accounts"])
    ]
    return (*bloggers, *tooters)


def blogs() -> tuple[Blog, ...]:
    """All sample blogs, in the order of the people."""
    return tuple(
        Blog(
            writer=each["name"],
            **{key: value for key, value in each.items() if key not in {"name", "weeks"}},
        )
        for each in _data("people")["blogs"]
    )


def course() -> Mapping[str, Any]:
    """The course's own table, as `data/course.toml` has it."""
    return _data("course")


def texts(week: int) -> WeekTexts:
    """What is written in a week, from 1."""
    found = _data(f"week{week}")
    threads = [_thread(each) for each in found["threads"]["list"]]
    return WeekTexts(
        blogs=tuple(map(_blog_text, found["blogs"])),
        threads=(*threads, *map(_special, found.get("specials", ()))),
    )


def phrases() -> Phrases:
    found = dict(_data("phrases"))
    offtopic = tuple(map(_blog_text, found.pop("offtopic")))
    return Phrases(offtopic=offtopic, **{key: tuple(value) for key, value in found.items()})


@cache
def _data(name: str) -> Mapping[str, Any]:
    text = (files("app.demo") / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _blog_text(found: Mapping[str, Any]) -> BlogText:
    return BlogText(
        title=found["title"],
        text=found["text"].strip(),
        language=found.get("lang", "de"),
        tags=tuple(found.get("tags", ())),
        by=found.get("by"),
        picture=found.get("picture"),
        after=found.get("after", 0),
    )


def _thread(lines: Sequence[str]) -> StatusText:
    opening, *rest = lines
    after = _AFTER.match(opening)
    first = next(_statuses([opening[after.end() :] if after else opening]))
    day = int(after["day"]) if after else 0
    return replace(first, answers=tuple(_statuses(rest)), after=day)


def _statuses(lines: Sequence[str]) -> Iterator[StatusText]:
    for line in lines:
        same_author = line.startswith(_SAME_AUTHOR)
        bare = line.removeprefix(_SAME_AUTHOR).strip()
        english = bare.startswith(_ENGLISH)
        yield StatusText(
            bare.removeprefix(_ENGLISH), "en" if english else "de", same_author=same_author
        )


def _special(found: Mapping[str, Any]) -> StatusText:
    return StatusText(
        text=found["text"],
        language=found.get("lang", "de"),
        answers=tuple(_statuses(found.get("answers", ()))),
        warning=found.get("warning"),
        poll=tuple(found.get("poll", ())),
        picture=found.get("picture"),
        after=found.get("after", 0),
    )
