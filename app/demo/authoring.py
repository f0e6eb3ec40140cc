"""Gives the sample's texts their authors, times and answers, by one chance with a fixed seed."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from app.demo import material
from app.demo.material import WRITTEN_WEEKS, BlogText, StatusText, Writer
from app.demo.posts import SamplePost
from models.domain.post import Kind

SHARES_A_WEEK = 8
INSTANCES = ("eins", "zwei")
"""The instances that are sources of the course."""
ELSEWHERE = "drei"
"""An instance that is none: its statuses are seen on the others."""
_SENDING_HOURS = (7, 8, 9, 12, 12, 13, 16, 17, 19, 20, 20, 21, 21, 22)
_UNTAGGED_ANSWER = 0.08
_LINKING_POST = 0.3


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as UTC."""
    return datetime.combine(day, at, zone).astimezone(UTC)


class Authoring:
    """Of five weeks, the last of which began on `monday`."""

    def __init__(self, monday: date, zone: ZoneInfo, seed: int) -> None:
        self._first = monday - timedelta(weeks=WRITTEN_WEEKS - 1)
        self._zone = zone
        self._chance = random.Random(seed)  # noqa: S311 - the same one each time is wanted
        self._phrases = material.phrases()
        everybody = material.writers()
        self._bloggers = [writer for writer in everybody if writer.handle is None]
        self._accounts = [writer for writer in everybody if writer.handle is not None]
        self._sharing = cycle(self._phrases.sharing)
        self._sharing_en = cycle(self._phrases.sharing_en)
        self._linking = cycle(self._phrases.linking)
        self._linking_en = cycle(self._phrases.linking_en)

    def posts(self) -> Iterator[SamplePost]:
        """All posts, in no order of time."""
        written: list[SamplePost] = []
        for week in range(1, WRITTEN_WEEKS + 1):
            texts = material.texts(week)
            blogged = [self._linked(post, written) for post in self._blogged(week, texts.blogs)]
            written += blogged
            yield from blogged
            for number, thread in enumerate(texts.threads):
                yield from self._thread(f"w{week}-s{number:02}", week, thread)
            yield from self._shares(week, blogged)
        yield from self._offtopic()
        yield from self._quiet_ones()
        yield self._thought_better()

    def _blogged(self, week: int, texts: Sequence[BlogText]) -> Iterator[SamplePost]:
        turns = {
            language: cycle(
                self._shuffled(
                    writer
                    for writer in self._bloggers
                    if week in writer.weeks
                    and writer.language == language
                    and writer.site != "kursblog"
                )
            )
            for language in ("de", "en")
        }
        for number, text in enumerate(texts):
            writer = self._owner(text.by) if text.by else next(turns[text.language])
            at = self._opening(week) if text.by == "kursblog" else self._sometime(week, text.after)
            yield _blog_post(f"w{week}-b{number:02}", writer, text, at, week)

    def _owner(self, site: str) -> Writer:
        return next(writer for writer in self._bloggers if writer.site == site)

    def _shuffled(self, writers: Iterable[Writer]) -> list[Writer]:
        found = list(writers)
        self._chance.shuffle(found)
        return found

    def _opening(self, week: int) -> datetime:
        """The course's own post stands there from the week's first minute on."""
        return moment_of(self._first + timedelta(weeks=week - 1), time(0, 1), self._zone)

    def _sometime(self, week: int, after: int = 0) -> datetime:
        day = self._first + timedelta(weeks=week - 1, days=self._chance.randrange(after, 7))
        at = time(
            self._chance.choice(_SENDING_HOURS),
            self._chance.randrange(60),
            self._chance.randrange(60),
        )
        return moment_of(day, at, self._zone)

    def _later(self, than: datetime, week: int, hours: float) -> datetime:
        """Some time after, within the same week."""
        end = moment_of(self._first + timedelta(weeks=week), time(), self._zone)
        wait = timedelta(seconds=round(60 + self._chance.expovariate(1 / hours) * 3600))
        return than + min(wait, (end - than) * self._chance.uniform(0.3, 0.95))

    def _linked(self, post: SamplePost, written: Sequence[SamplePost]) -> SamplePost:
        """Some posts refer to an earlier one of somebody else."""
        earlier = [each for each in written if each.site != post.site and each.at < post.at]
        if not earlier or self._chance.random() > _LINKING_POST:
            return post
        target = self._chance.choice(earlier[-20:])
        phrase = next(self._linking_en if post.language == "en" else self._linking)
        sentence = phrase.format(name=target.author, link=f"[[{target.key}]]")
        return replace(post, text=f"{post.text}\n\n{sentence}")

    def _thread(self, key: str, week: int, thread: StatusText) -> Iterator[SamplePost]:
        first = self._someone(week, thread.language)
        posts = [_status(key, first, thread, self._sometime(week, thread.after), week)]
        present = [first]
        for number, answer in enumerate(thread.answers):
            writer = first if answer.same_author else self._someone(week, answer.language, present)
            # Whoever began the thread answers the last one, all others the first.
            parent = posts[-1] if answer.same_author else posts[0]
            at = self._later(parent.at, week, hours=6)
            post = _status(f"{key}-a{number}", writer, answer, at, week)
            tagged = self._chance.random() >= _UNTAGGED_ANSWER
            posts.append(replace(post, reply_to=parent.key, tagged=tagged))
            present.append(writer)
        seen_on = self._seen_on(posts)
        yield from (replace(post, seen_on=seen_on) for post in posts)

    def _someone(self, week: int, language: str, present: Sequence[Writer] = ()) -> Writer:
        """Somebody new to the thread, or at least not whoever began it."""
        able = [
            writer
            for writer in self._accounts
            if week in writer.weeks and writer.language == language and writer not in present[:1]
        ]
        return self._chance.choice([each for each in able if each not in present] or able)

    def _seen_on(self, posts: Sequence[SamplePost]) -> frozenset[str]:
        """Who takes part has seen the thread; the rest of the web only sees some."""
        homes = {post.site for post in posts}
        others = [name for name in INSTANCES if name not in homes]
        if not homes.isdisjoint(INSTANCES):
            return frozenset(homes.union(name for name in others if self._chance.random() < 0.6))
        return frozenset(homes | set(self._chance.choice([INSTANCES, ("eins",), ("zwei",)])))

    def _shares(self, week: int, blogged: Sequence[SamplePost]) -> Iterator[SamplePost]:
        chosen = self._chance.sample(blogged, min(SHARES_A_WEEK, len(blogged)))
        for number, post in enumerate(chosen):
            phrase = next(self._sharing_en if post.language == "en" else self._sharing)
            text = phrase.format(name=post.author, title=post.title, link=f"[[{post.key}]]")
            writer = self._someone(week, post.language)
            at = self._later(post.at, week, hours=14)
            share = _status(
                f"w{week}-t{number:02}", writer, StatusText(text, post.language), at, week
            )
            yield replace(share, seen_on=self._seen_on([share]))

    def _offtopic(self) -> Iterator[SamplePost]:
        """Posts of the same blogs that have nothing to do with the course."""
        sites = [writer for writer in self._bloggers if writer.site not in {"kursblog", "quirin"}]
        turns = islice(cycle(sites[::-1]), len(self._phrases.offtopic))
        for number, (writer, text) in enumerate(zip(turns, self._phrases.offtopic, strict=True)):
            week = self._chance.randint(1, WRITTEN_WEEKS)
            post = _blog_post(f"o{number:02}", writer, text, self._sometime(week), week)
            yield replace(post, tagged=False)

    def _quiet_ones(self) -> Iterator[SamplePost]:
        """Statuses with the hashtag, of people who do not want to be collected."""
        quiet = [writer for writer in self._accounts if not writer.weeks]
        for number, writer in enumerate(quiet):
            text = StatusText("Ich lese im Kurs mit und möchte nirgends auftauchen.")
            post = _status(f"q{number:02}", writer, text, self._opening(3 + number), 3 + number)
            yield replace(post, seen_on=frozenset({writer.site}))

    def _thought_better(self) -> SamplePost:
        """A status that an edit took the hashtag from; its instance lists it all the same."""
        writer = next(writer for writer in self._accounts if writer.site == INSTANCES[0])
        text = StatusText("Der Hashtag war hier falsch, ich habe ihn wieder herausgenommen.")
        at = self._opening(2) + timedelta(hours=9)
        post = _status("e00", writer, text, at, week=2)
        edited_at = at + timedelta(minutes=20)
        return replace(post, tagged=False, edited_at=edited_at, seen_on=frozenset(INSTANCES))


def _blog_post(key: str, writer: Writer, text: BlogText, at: datetime, week: int) -> SamplePost:
    return SamplePost(
        key=key,
        kind=Kind.BLOG,
        site=writer.site,
        author=writer.name,
        at=at,
        week=week,
        text=text.text,
        language=text.language,
        title=text.title,
        tags=text.tags,
        picture=text.picture,
    )


def _status(key: str, writer: Writer, text: StatusText, at: datetime, week: int) -> SamplePost:
    return SamplePost(
        key=key,
        kind=Kind.STATUS,
        site=writer.site,
        author=writer.name,
        at=at,
        week=week,
        text=text.text,
        language=text.language,
        handle=writer.handle,
        warning=text.warning,
        poll=text.poll,
        picture=text.picture,
    )
