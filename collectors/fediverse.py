"""Kind `fediverse`: one account's posts, through its own instance.

https://docs.joinmastodon.org/methods/accounts/#statuses

WebFinger finds the instance, its Mastodon API the account; servers without that API are read by the
feed they keep of each account. The first collection pages down from the newest post to the course's
start, `RUN` posts in one run; later polls page up from the newest id seen.

Cursor: `{}` asks WebFinger; `meta` the host's metadata, `lrdd` what they lead to; `user` and `root`
the API for the account, then with `id` for its posts (`plain` where `tagged` is refused; the rest
is `idpaging`'s, `rounds`' and `rechecks`'); `try` feeds one after another (`refused` where the API
wants a token); `feed` the one that was found, with what `pagechecks` keeps. `at` is the run that
looked for the account: what another run left unfinished is begun anew. Place of older posts:
`below` the oldest id seen, `plain` as above; else the feed's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from collectors import accounts, fediversechecks, older, rounds, webfinger
from collectors.accounts import REFUSED
from collectors.contract import Ask, Batch, CollectError, Reply
from collectors.feeds import ACCEPT, read_feed
from collectors.fields import document
from collectors.idpaging import advance, order
from collectors.needs import Needs
from collectors.pagechecks import PAGES, noted
from collectors.rounds import Part, Rounds
from collectors.singly import MISSING, kept
from collectors.webfinger import ANYTHING_BUT_BUSY, Address
from models.domain.links import is_web_url
from models.domain.post import Kind, RawAuthor
from models.domain.source import Derived, SourceSpec

RUN = 2000
"""Statuses of one run; the rest follows in the next ones."""
ACCOUNT = frozenset({"user", "root", "id", "at", "plain", "singly", "proven", MISSING})
"""Keys of the cursor that outlast a page."""
ROUNDS = Rounds(
    checks=Part(fediversechecks.first, fediversechecks.ask, fediversechecks.read),
    pages=PAGES.part,
)
VANISHED = frozenset({404, 410})
FEEDS = (
    "/@{user}.rss",
    "/@{user}/feed.rss",
    "/users/{user}/feed.atom",
    "/users/{user}.atom",
    "/@{user}.atom",
    "/feed/{user}",
)
"""Where servers keep an account's feed: Mastodon, GoToSocial, Pleroma and Akkoma, Pixelfed,
Misskey and its forks, Friendica."""


class FediverseCollector:
    kind = "fediverse"
    pace = (600.0, 86_400.0)
    needs = Needs(takes="the access token of a user of that instance")
    looks_after = True

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        cursor, address = _state(source), _address(source)
        if feed := cursor.get("feed"):
            # A feed that is as it was before would end the run before its errands.
            return Ask(feed, accept=ACCEPT, answers=VANISHED, conditional=not source.errands)
        if candidates := cursor.get("try"):
            return Ask(candidates[0], accept=ACCEPT, conditional=False, answers=ANYTHING_BUT_BUSY)
        if "id" in cursor:
            return accounts.page(source, **_bounds(cursor))
        if "root" in cursor:
            query = urlencode({"acct": cursor["user"]})
            return accounts.get(source, f"/api/v1/accounts/lookup?{query}")
        if template := cursor.get("lrdd"):
            return webfinger.ask_template(address, template)
        if cursor.get("meta"):
            return webfinger.ask_host_meta(address)
        return webfinger.ask(address)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        cursor = _state(source)
        if "feed" in cursor:
            return _known_feed(source, reply)
        if "try" in cursor:
            return _candidate(source, list(cursor["try"]), reply)
        if "id" in cursor:
            return _timeline(source, reply)
        if "root" in cursor:
            return _account(source, reply)
        return _finger(source, reply)

    def ways(self, source: SourceSpec) -> int:
        return 1

    def look_back(self, source: SourceSpec) -> Ask:
        if feed := source.cursor.get("feed"):
            return older.ask(source, feed)
        below = source.past.get("below")
        return accounts.page(_known(source), **({"max_id": below} if below else {}))

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        if feed := source.cursor.get("feed"):
            return older.read(source, reply, lambda answer: _feed(source, feed, answer))
        return _older(_known(source), reply)


def _state(source: SourceSpec) -> Mapping[str, Any]:
    """The cursor, unless it is the middle of another run's search."""
    cursor = source.cursor
    found = "id" in cursor or "feed" in cursor
    return cursor if found or cursor.get("at") == source.now else {}


def _searching(source: SourceSpec, **found: Any) -> Batch:
    return Batch(cursor={**found, "at": source.now}, more=True)


def _address(source: SourceSpec) -> Address:
    address = webfinger.address_of(source.url)
    if address is None:
        raise CollectError(
            "no-account",
            f"{source.url} is no address of an account",
            mend="give the profile's address (https://instance/@user) or the handle (@user@host)",
        )
    return address


def _bounds(cursor: Mapping[str, Any]) -> Mapping[str, str]:
    if cursor.get("down"):
        return {"max_id": cursor["oldest"]}
    return {"min_id": cursor["newest"]} if cursor.get("newest") else {}


def _known(source: SourceSpec) -> SourceSpec:
    """For older posts, once the account is found. Raises `CollectError`."""
    if "id" not in source.cursor:
        raise CollectError(
            "no-account",
            f"the account {source.url} was not found yet",
            mend=f"collect it first, with `moocfeed collect --once --source {source.id}`",
        )
    plain = source.past.get("plain") or source.cursor.get("plain")
    return replace(source, cursor={**source.cursor, "plain": plain})


def _older(source: SourceSpec, reply: Reply) -> Batch:
    if reply.status == 400 and accounts.is_narrowed(source):
        return Batch(cursor={**source.past, "plain": True}, more=True)
    if reply.status in REFUSED:
        raise _wants_token(source)
    found = accounts.statuses(source, reply)
    posts, excluded, _ = accounts.read(source, found)
    ids = sorted((str(status["id"]) for status in found), key=order)
    below = source.past.get("below")
    if not ids or (below is not None and order(ids[0]) >= order(below)):
        return Batch()
    place = {**source.past, "below": ids[0]}
    return Batch(posts=posts, excluded=excluded, cursor=place, more=True)


def _finger(source: SourceSpec, reply: Reply) -> Batch:
    """WebFinger, else what the host's metadata lead to, else the host itself."""
    address = _address(source)
    cursor = _state(source)
    if cursor.get("meta"):
        if template := webfinger.template(reply):
            return _searching(source, lrdd=template)
    elif account := webfinger.read(reply, address):
        return _searching(source, user=account.user, root=account.root)
    elif "lrdd" not in cursor:
        return _searching(source, meta=True)
    return _searching(source, user=address.user, root=address.root)


def _account(source: SourceSpec, reply: Reply) -> Batch:
    """The account as the API knows it; where it has moved, it is followed to its new place."""
    account = document(reply) if reply.status == 200 else None
    if not isinstance(account, Mapping) or not isinstance(account.get("id"), str | int):
        return _feeds(source, reply)
    profile = _profile(source, account)
    moved = account.get("moved")
    new = moved.get("url") if isinstance(moved, Mapping) else None
    follows = isinstance(new, str) and is_web_url(new) and webfinger.address_of(new) is not None
    return Batch(
        cursor={**source.cursor, "id": str(account["id"])},
        more=True,
        title=_title(source, account),
        homepage=profile,
        address=profile,
        derived=(Derived("fediverse", str(new), source.rule.match),) if follows else (),
    )


def _profile(source: SourceSpec, account: Mapping[str, Any]) -> str:
    root, url = source.cursor["root"], account.get("url")
    if isinstance(url, str) and url.startswith(f"{root}/") and webfinger.address_of(url):
        return url
    return f"{root}/@{source.cursor['user']}"


def _title(source: SourceSpec, account: Mapping[str, Any]) -> str:
    name = account.get("display_name")
    address = _address(source)
    return name if isinstance(name, str) and name.strip() else f"@{address.user}@{address.host}"


def _feeds(source: SourceSpec, reply: Reply) -> Batch:
    """The API does not answer for the account: one of its feeds may."""
    root, user = source.cursor["root"], source.cursor["user"]
    candidates = [root + path.format(user=user) for path in FEEDS]
    return _searching(source, **{"try": candidates, "refused": reply.status in REFUSED})


def _candidate(source: SourceSpec, candidates: list[str], reply: Reply) -> Batch:
    if reply.status == 200:
        try:
            return ROUNDS.begin(source, _feed(source, reply.url, reply))
        except CollectError:
            pass  # a page, or nothing that can be read: the next one may be it
    if rest := candidates[1:]:
        return Batch(cursor={**source.cursor, "try": rest}, more=True)
    raise _wants_token(source) if source.cursor.get("refused") else _nobody(source)


def _known_feed(source: SourceSpec, reply: Reply) -> Batch:
    if reply.status in VANISHED:
        return Batch(more=True)  # WebFinger knows where the account is now
    return ROUNDS.begin(source, _feed(source, source.cursor["feed"], reply))


def _feed(source: SourceSpec, url: str, reply: Reply) -> Batch:
    """The account's own feed: whatever it says of authors, all of it is the account's."""
    batch, address = read_feed(url, reply), _address(source)
    named = batch.homepage is not None and webfinger.address_of(batch.homepage) is not None
    profile = str(batch.homepage) if named else f"{address.root}/@{address.user}"
    author = RawAuthor(
        name=batch.title,
        url=profile,
        handle=f"@{address.user}@{address.host}",
        account=profile,
    )
    posts = tuple(replace(post, kind=Kind.STATUS, author=author) for post in batch.posts)
    cursor = {"feed": url, **kept(source)}
    return noted(source, url, replace(batch, posts=posts, cursor=cursor, homepage=profile))


def _timeline(source: SourceSpec, reply: Reply) -> Batch:
    if reply.status == 404:
        if source.cursor["at"] == source.now:
            raise _nobody(source)
        return Batch(more=True)  # it may have another id by now
    if reply.status == 400 and accounts.is_narrowed(source):
        return Batch(cursor={**source.cursor, "plain": True}, more=True)
    if reply.status in REFUSED:
        return _feeds(source, reply)
    statuses = accounts.statuses(source, reply)
    posts, excluded, reached = accounts.read(source, statuses)
    ids = [str(status["id"]) for status in statuses]
    paging, more = advance(source.cursor, ids, reached=reached, most=RUN)
    kept = {key: value for key, value in source.cursor.items() if key in ACCOUNT}
    cursor = {**kept, **paging}
    batch = Batch(posts=posts, cursor=cursor, more=more, excluded=excluded, partial=True)
    return ROUNDS.begin(source, batch)


def _nobody(source: SourceSpec) -> CollectError:
    address = _address(source)
    return CollectError(
        "no-account",
        f"{address.host} shows no posts of an account @{address.user}@{address.host}",
        mend="check the handle; if its server keeps a feed of the account, register that as feed",
    )


def _wants_token(source: SourceSpec) -> CollectError:
    address = _address(source)
    return CollectError(
        "wants-token",
        f"{address.host} shows the posts of @{address.user} to its users only: it wants a token",
        mend="log in there, open Preferences > Development > New application, allow read:accounts"
        " and read:statuses, and give its access token with `moocfeed source add … --token-stdin`",
    )
