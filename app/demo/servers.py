"""`SampleWeb`: every sample site on its own loopback port, over real HTTP."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from app import clock
from app.demo import blogsites, coursefile, instances, material, pages
from app.demo.addresses import Addresses, slug_of
from app.demo.authoring import ELSEWHERE, INSTANCES
from app.demo.coursefile import COURSE_SITE, FAILING
from app.demo.loopback import Loopback, Request, Response
from app.demo.posts import SamplePost
from app.demo.sample import SEED, build
from app.demo.stock import Stock
from models.domain.course import Course
from models.domain.coursefile import dump
from models.domain.post import Kind


@dataclass(frozen=True, slots=True)
class Expected:
    """What a course that collected the sample web must show, no more and no less."""

    posts: Mapping[str, str]
    """Address -> uid (Atom id, guid, a status's `uri`)."""
    by_kind: Mapping[str, int]
    """`blog`, `status`."""
    by_week: Mapping[int, int]

    @property
    def urls(self) -> frozenset[str]:
        return frozenset(self.posts)

    @property
    def uids(self) -> frozenset[str]:
        return frozenset(self.posts.values())

    @property
    def total(self) -> int:
        return len(self.posts)


class SampleWeb:
    """The sample sites, served while the context lasts; safe to be changed from any thread.

    Sites are named as in `data/people.toml`, further the instances `eins`, `zwei` and `drei`, the
    course's homepage `kurs`, `planet`, and the failing `kaputt`, `vertauscht` and `verschwunden`.
    """

    def __init__(self, now: datetime | None = None, seed: int = SEED) -> None:
        """Shows what was written until `now`, which is the present where it is not given."""
        self._now = now or clock.now()
        self._sample = build(self._now, seed)
        self._lock = threading.Lock()
        self._server = Loopback(self._answer)
        self._failing = {"kaputt": 500, "verschwunden": 410}
        self._published = 0

    def __enter__(self) -> Self:
        blogs = {blog.site: blog for blog in material.blogs()}
        names = [*blogs, *INSTANCES, ELSEWHERE, COURSE_SITE, blogsites.PLANET, *FAILING]
        tag = material.course()["hashtag"]
        self._addresses = Addresses(self._server.start(names), blogs, tag)
        posts = self._sample.until(self._now)
        with self._lock:
            self._stock = Stock(posts, blogs, material.writers(), self._addresses, tag)
        self._course = coursefile.course_file(self._sample.monday, self._addresses)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop()

    @property
    def course(self) -> Course:
        return self._course.course

    def course_toml(self) -> str:
        """The course file, every sample site a source of it."""
        return dump(self._course)

    def allow(self) -> str:
        """For `MOOCFEED_FETCH_ALLOW`: the sample's ports, and nothing else."""
        return ",".join(self._addresses.host(site) for site in self._addresses.origins)

    def origin(self, site: str) -> str:
        """`http://127.0.0.1:port` of a site."""
        return self._addresses.origins[site]

    def source_url(self, site: str) -> str:
        """The address under which a site is a source. Raises `KeyError` where it is none."""
        if site in INSTANCES:
            return self.origin(site)
        if site == blogsites.PLANET:
            return self.origin(site) + blogsites.PLANET_FEED
        if site in FAILING:
            return self.origin(site) + FAILING[site]
        return coursefile.source_url(self._stock.blogs[site], self._addresses)

    def planned_failures(self) -> tuple[str, ...]:
        """Addresses of the sources that fail by plan."""
        return coursefile.failing_urls(self._addresses)

    def expected(self) -> Expected:
        """What the sites offer now that belongs to the course."""
        with self._lock:
            posts = [post for post in self._stock.all() if self._belongs(post)]
        weeks = (self.course.week_at(post.at) for post in posts)
        return Expected(
            posts={self._addresses.url(post): self._addresses.uid(post) for post in posts},
            by_kind=Counter(post.kind.value for post in posts),
            by_week=Counter(week.number for week in weeks if week is not None),
        )

    def publish(
        self,
        site: str,
        text: str,
        *,
        title: str | None = None,
        handle: str | None = None,
        tagged: bool = True,
        reply_to: str | None = None,
        at: datetime | None = None,
    ) -> str:
        """Publishes a post, now unless `at` says otherwise; returns its address.

        On an instance it is a status of `handle` (else of the first account there), known to both
        instances; `reply_to` is the address of the status it answers.
        """
        with self._lock:
            self._published += 1
            post = self._new(site, text, title, handle, at or clock.now())
            parent = self._stock.by_url(reply_to).key if reply_to else None
            post = replace(post, tagged=tagged, reply_to=parent)
            self._stock.put(post, clock.now())
        return self._addresses.url(post)

    def edit(
        self,
        url: str,
        *,
        text: str | None = None,
        title: str | None = None,
        tagged: bool | None = None,
    ) -> str:
        """Changes the post at an address; returns the address, which a new title may change."""
        with self._lock:
            post = self._stock.by_url(url)
            changed = replace(
                post,
                text=post.text if text is None else text,
                title=post.title if title is None else title,
                tagged=post.tagged if tagged is None else tagged,
                edited_at=clock.now(),
            )
            self._stock.put(changed, clock.now())
        return self._addresses.url(changed)

    def delete(self, url: str) -> None:
        """Takes a post away everywhere. (A feed that no longer lists a post withdraws nothing.)"""
        with self._lock:
            self._stock.remove(self._stock.by_url(url), clock.now())

    def fail(self, site: str, status: int | None = 500) -> None:
        """Lets a site answer everything with this status; None mends it."""
        with self._lock:
            if status is None:
                self._failing.pop(site, None)
            else:
                self._failing[site] = status

    def _new(
        self, site: str, text: str, title: str | None, handle: str | None, at: datetime
    ) -> SamplePost:
        week, blog = self.course.week_at(at), self._stock.blogs.get(site)
        accounts = self._stock.accounts
        if blog is None and handle is None:
            handle = next(name for name, each in accounts.items() if each.site == site)
        return SamplePost(
            key=f"p{self._published}-{slug_of(title or text)[:40]}",
            kind=Kind.BLOG if blog else Kind.STATUS,
            site=site,
            author=blog.writer if blog else accounts[handle or ""].name,
            at=at.astimezone(UTC),
            week=week.number if week else 0,
            text=text,
            language="de",
            title=(title or text[:40]) if blog else None,
            handle=handle,
            seen_on=frozenset() if blog else frozenset({site, *INSTANCES}),
        )

    def _belongs(self, post: SamplePost) -> bool:
        if post.kind is Kind.BLOG or not post.tagged:
            return post.tagged
        return not post.seen_on.isdisjoint(INSTANCES) and not self._is_quiet(post)

    def _is_quiet(self, post: SamplePost) -> bool:
        writer = self._stock.accounts[post.handle or ""]
        return writer.noindex or "#nobot" in writer.bio

    def _answer(self, site: str, request: Request) -> Response:
        with self._lock:
            if status := self._failing.get(site):
                return pages.page("Störung", "<p>Ein geplanter Fehler.</p>", status=status)
            if site in self._stock.blogs:
                return blogsites.answer(site, request, self._stock)
            if site in {*INSTANCES, ELSEWHERE}:
                return instances.answer(site, request, self._stock)
            if site == blogsites.PLANET:
                return blogsites.planet(request, self._stock)
        return _plain_page(site)


def _plain_page(site: str) -> Response:
    """The course's homepage, and the page that stands where a feed is expected."""
    if site == COURSE_SITE:
        return pages.page("Enterprise 2.0 – Beispielkurs", "<p>Die Seite des Beispielkurses.</p>")
    return pages.page("Bitte anmelden", "<p>Hier wäre ein Feed, wenn Sie angemeldet wären.</p>")
