"""Lists: every filter alone and combined, in every order, page by page."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.domain.errors import Gone, NotFound
from models.domain.post import Kind, RawPost
from models.store import feed
from models.store.engine import Database
from models.store.feed import Filter, Order
from models.store.rows import FeedPost, Position
from tests.models.store.material import AT, Stage, fresh, raw

ADA, BEN, PLANET = "ada.example", "ben.example", "planet.example"
HOSTS = (ADA, BEN, PLANET)
WORDS = ("Werkzeug", "Haus", "Netz")
HOURS = (0, 1, 1, 30, 24 * 3, 24 * 9, 24 * 30)


@pytest.fixture
def stage(database: Database) -> Stage:
    return staged(database)


def staged(database: Database) -> Stage:
    made = fresh(database)
    for host in HOSTS:
        made.source(host, participant="Ben (Muster)" if host == BEN else None)
    return made


def walk(
    stage: Stage, chosen: Filter, limit: int, between: Callable[[], object] = lambda: None
) -> Iterator[FeedPost]:
    """All of a list, page by page; `between` is done before each further page."""
    after: Position | None = None
    while True:
        with stage.database.reading() as session:
            page = feed.page(session, stage.row, chosen, after=after, limit=limit)
        assert len(page.posts) <= limit
        yield from page.posts
        after = page.after
        if after is None:
            return
        assert len(page.posts) == limit
        between()


posts = st.builds(
    lambda name, word, kind, hours, **more: raw(
        f"{name}-{hours}",
        f"{word} Text",
        kind=kind,
        published_at=AT - timedelta(hours=hours),
        **more,
    ),
    name=st.sampled_from("abcdef"),
    word=st.sampled_from(WORDS),
    kind=st.sampled_from(list(Kind)),
    hours=st.sampled_from(HOURS),
    language=st.sampled_from(["de", "en"]),
    tags=st.sampled_from([("sample",), ("sample", "Über"), ("sample", "more", "uber")]),
    in_reply_to=st.none() | st.sampled_from([f"https://ada.example/a-{hours}" for hours in HOURS]),
)
answers = st.lists(st.tuples(st.sampled_from(HOSTS), st.lists(posts, max_size=5)), max_size=4)
filters = st.builds(
    Filter,
    q=st.none() | st.sampled_from(["werkzeuge", "haus", "netz text", "nirgends", "…"]),
    kind=st.none() | st.sampled_from([*Kind]).map(str),
    source=st.none() | st.sampled_from([*HOSTS, ",".join(HOSTS[:2])]),
    participant=st.none() | st.sampled_from(["Ben (Muster)", "nobody"]),
    week=st.none() | st.sampled_from([1, 2, 3, 4]),
    tag=st.none() | st.sampled_from(["uber", "#Über", "sample", "nothing"]),
    lang=st.none() | st.sampled_from(["de", "en"]),
    since=st.none() | st.sampled_from([AT - timedelta(hours=hours) for hours in HOURS]),
    until=st.none() | st.sampled_from([AT - timedelta(hours=hours) for hours in HOURS]),
    order=st.sampled_from(list(Order)),
)


def holds(post: FeedPost, chosen: Filter, stage: Stage) -> bool:
    """The same by the post alone."""
    text = f"{post.title} {post.excerpt} {post.author.name}".lower()
    words = {"werkzeuge": "werkzeug", "netz text": "netz"}
    tags = {tag.replace("ü", "u") for tag in post.hashtags}
    week = stage.course.week_at(post.published_at)
    return all(
        (
            chosen.q is None or words.get(chosen.q, chosen.q) in text.split(),
            (post.kind == Kind.COMMENT) == (chosen.kind == Kind.COMMENT),
            chosen.kind in {None, post.kind},
            chosen.source is None
            or not {source.id for source in post.sources}.isdisjoint(chosen.source.split(",")),
            chosen.participant in {None, post.author.participant},
            chosen.week is None or (week is not None and week.number == chosen.week),
            chosen.tag is None or chosen.tag.lower().strip("#").replace("ü", "u") in tags,
            chosen.lang in {None, post.language},
            chosen.since is None or post.published_at >= chosen.since,
            chosen.until is None or post.published_at < chosen.until,
        )
    )


def ordered(found: Sequence[FeedPost], order: Order) -> list[FeedPost]:
    def key(post: FeedPost) -> tuple[Any, ...]:
        place = post.published_at, post.id
        return (post.responses, *place) if order is Order.DISCUSSED else place

    return sorted(found, key=key, reverse=order is not Order.OLDEST)


def told(stage: Stage, given: Filter) -> Filter:
    """With ids for names."""
    people = {post.author.participant for post in everything(stage)} - {None}
    named = given.participant == "Ben (Muster)" and people
    return Filter(
        **{name: getattr(given, name) for name in Filter.__dataclass_fields__}
        | {
            "source": given.source
            and ",".join(stage.source(host) for host in given.source.split(",")),
            "participant": people.pop() if named else given.participant,
        }
    )


def everything(stage: Stage) -> list[FeedPost]:
    """All visible posts, comments too."""
    chosen = (Filter(), Filter(kind=Kind.COMMENT))
    return [post for each in chosen for post in walk(stage, each, 100)]


def counted(stage: Stage, chosen: Filter) -> int | None:
    row = stage.row
    with stage.database.reading() as session:
        return feed.count(session, row, chosen)


properties = settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@properties
@given(answers=answers, chosen=st.lists(filters, min_size=2, max_size=4), limit=st.integers(1, 5))
def test_a_list_has_what_the_filter_says_in_the_order_it_says(
    database: Database,
    answers: Sequence[tuple[str, Sequence[RawPost]]],
    chosen: Sequence[Filter],
    limit: int,
) -> None:
    """Whether it is walked along an index or a few posts are looked at."""
    stage = staged(database)
    for host, raws in answers:
        stage.bring(host, *raws)
    visible = everything(stage)
    for each in chosen:
        wanted = told(stage, each)
        matching = [post for post in visible if holds(post, wanted, stage)]
        for few in (0, 2, 1000):
            with patch.multiple(feed, FEW=few, MANY=few):
                assert list(walk(stage, wanted, limit)) == ordered(matching, wanted.order), wanted
                assert counted(stage, wanted) in {None, len(matching)}, wanted
        assert counted(stage, wanted) == len(matching), wanted


@properties
@given(before=answers, then=answers, order=st.sampled_from(list(Order)), limit=st.integers(1, 5))
def test_who_goes_on_meets_every_post_once_whatever_comes_in_between(
    database: Database,
    before: Sequence[tuple[str, Sequence[RawPost]]],
    then: Sequence[tuple[str, Sequence[RawPost]]],
    order: Order,
    limit: int,
) -> None:
    stage = staged(database)
    for host, raws in before:
        stage.bring(host, *raws)
    there = {post.id: post for post in stage.posts()}
    coming = iter(then)

    def more() -> None:
        for host, raws in coming:
            stage.bring(host, *raws)
            return

    met = [post.id for post in walk(stage, Filter(order=order), limit, more)]
    now = {post.id: post for post in stage.posts()}
    stayed = {post_id for post_id, post in there.items() if now.get(post_id) == post}
    assert sorted(post_id for post_id in met if post_id in stayed) == sorted(stayed)


def test_a_page_has_no_next_where_nothing_is_left(stage: Stage) -> None:
    stage.bring(ADA, *(raw(f"p{number}") for number in range(4)))
    with stage.database.reading() as session:
        for chosen in (Filter(), Filter(q="text"), Filter(order=Order.DISCUSSED)):
            assert feed.page(session, stage.row, chosen, limit=4).after is None
            assert feed.page(session, stage.row, chosen, limit=3).after is not None


def test_a_week_that_is_not_there_is_empty(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    assert len(stage.posts(week=2)) == 1
    assert not stage.posts(week=3)
    assert not stage.posts(week=2, until=AT - timedelta(days=30))


def test_weeks_are_the_course_s_own_days(stage: Stage) -> None:
    """Monday in Berlin begins while it is Sunday in UTC."""
    midnight = stage.course.midnight(stage.course.weeks[1].starts_on)
    assert midnight.hour == 23
    second = timedelta(seconds=1)
    stage.bring(
        ADA, raw("last", published_at=midnight - second), raw("first", published_at=midnight)
    )
    assert [post.url for post in stage.posts(week=1)] == ["https://ada.example/last"]
    assert [post.url for post in stage.posts(week=2)] == ["https://ada.example/first"]
    assert [post.week for post in stage.posts()] == [2, 1]


def test_a_single_post_is_there_gone_or_never_was(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    post = stage.post()
    with stage.database.reading() as session:
        assert feed.post(session, stage.row, post.id) == post
        for unknown in ("01890000-0000-7000-8000-000000000000", "", "x"):
            with pytest.raises(NotFound):
                feed.post(session, stage.row, unknown)
    stage.bring(ADA, raw("one", tags=()))
    with stage.database.reading() as session, pytest.raises(Gone):
        feed.post(session, stage.row, post.id)


def test_a_post_is_found_without_its_course(database: Database, stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    other = fresh(database)
    other.bring(ADA, raw("one"))
    with database.reading() as session:
        for post in (stage.post(), other.post()):
            assert feed.anywhere(session, post.id) == post
        with pytest.raises(NotFound):
            feed.anywhere(session, "01890000-0000-7000-8000-000000000000")
    gone = other.post()
    other.bring(ADA, raw("one", tags=()))
    with database.reading() as session, pytest.raises(Gone):
        feed.anywhere(session, gone.id)
