"""The posts that the sample sites show at the moment, and when each site last changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.demo.addresses import Addresses, local_id
from app.demo.material import Blog, Writer
from app.demo.posts import SamplePost


class Stock:
    """Not safe to be changed while it is read: `SampleWeb` holds a lock over both."""

    def __init__(
        self,
        posts: Iterable[SamplePost],
        blogs: Mapping[str, Blog],
        writers: Iterable[Writer],
        addresses: Addresses,
        tag: str,
    ) -> None:
        self._posts = {post.key: post for post in posts}
        self.blogs = blogs
        self.accounts = {writer.handle: writer for writer in writers if writer.handle}
        self.addresses = addresses
        self.tag = tag
        self._changed: dict[str, datetime] = {}
        for post in self._posts.values():
            self._touch(post, post.edited_at or post.at)

    def get(self, key: str | None) -> SamplePost | None:
        return self._posts.get(key) if key else None

    def all(self) -> tuple[SamplePost, ...]:
        return tuple(self._posts.values())

    def by_url(self, url: str) -> SamplePost:
        """Raises `KeyError` where no sample post has this address."""
        for post in self._posts.values():
            if self.addresses.url(post) == url:
                return post
        raise KeyError(url)

    def put(self, post: SamplePost, now: datetime) -> None:
        self._posts[post.key] = post
        self._touch(post, now)

    def remove(self, post: SamplePost, now: datetime) -> None:
        del self._posts[post.key]
        self._touch(post, now)

    def changed_at(self, site: str) -> datetime | None:
        return self._changed.get(site)

    def of_blog(self, site: str) -> list[SamplePost]:
        """Newest first."""
        found = [post for post in self._posts.values() if post.site == site]
        return sorted(found, key=lambda post: (post.at, post.key), reverse=True)

    def on_instance(self, instance: str) -> list[SamplePost]:
        """Every status that the instance knows, newest first by its own ids."""
        found = [post for post in self._posts.values() if instance in post.seen_on]
        return sorted(found, key=lambda post: _order(local_id(instance, post)), reverse=True)

    def status(self, instance: str, id_: str) -> SamplePost | None:
        return next(
            (post for post in self.on_instance(instance) if local_id(instance, post) == id_), None
        )

    def answers(self, post: SamplePost) -> list[SamplePost]:
        """Direct and indirect answers, in order of time."""
        found, keys = [], {post.key}
        for each in sorted(self._posts.values(), key=lambda post: post.at):
            if each.reply_to in keys:
                found.append(each)
                keys.add(each.key)
        return found

    def ancestors(self, post: SamplePost) -> list[SamplePost]:
        """What it answers, the first post first."""
        found: list[SamplePost] = []
        parent = self.get(post.reply_to)
        while parent is not None:
            found.insert(0, parent)
            parent = self.get(parent.reply_to)
        return found

    def link(self, key: str) -> tuple[str, str]:
        """Address and title of a post that another one links."""
        post = self._posts.get(key)
        if post is None:
            return self.addresses.origins["kurs"] + "/entfernt", "ein entfernter Beitrag"
        return self.addresses.url(post), f"„{post.title or post.author}“"

    def _touch(self, post: SamplePost, now: datetime) -> None:
        for site in {post.site, *post.seen_on}:
            self._changed[site] = max(now, self._changed.get(site, now))


def _order(id_: str) -> tuple[int, str]:
    return len(id_), id_
