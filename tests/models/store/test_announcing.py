"""Statuses that only announce a post of their author's stand under it."""

from dataclasses import replace

import pytest

from models.domain.post import Kind
from models.store import evidence, feed, threads
from models.store.engine import Database
from tests.models.store.arrivals import BEN, Arrival, Course, blog, relayed, status
from tests.models.store.audit import audit
from tests.models.store.texts import OTHER, STAIRS, STAIRS_MENDED

URL = "https://ada.example/treppe/"
POST = blog("treppe", STAIRS, title="Die Treppe als soziales Netz")
TOOT = status(1, f"Neu im Blog: Die Treppe als soziales Netz {URL} #sample")


def _explained(course: Course, arrival: Arrival) -> str | None:
    """The post under which it is said to stand."""
    assert arrival.raw.url is not None
    with course.database.reading() as session:
        found = evidence.facts(session, course.row(), arrival.raw.url).post
    assert found is not None
    return found.announces


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [(POST, TOOT), (TOOT, POST)], ids=["post first", "status first"])
def test_whichever_comes_first(
    database: Database, order: tuple[object, ...], together: bool
) -> None:
    course = Course.of(database)
    for arrivals in [order] if together else [(each,) for each in order]:
        course.take(*arrivals)  # type: ignore[arg-type]
    (post,) = course.posts()
    assert (post.url, post.announced_by) == (URL, (f"{TOOT.raw.url}",))
    assert post.responses == 0
    assert course.row().posts == 1
    audit(database)


def test_it_is_still_there_by_id_by_kind_and_counted(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, TOOT)
    (announcement,) = course.posts(kind="status")
    assert [found.id for found in course.posts(kind="status", tag="sample")] == [announcement.id]
    with database.reading() as session:
        assert feed.post(session, course.row(), announcement.id).url == TOOT.raw.url
        (post,) = course.posts()
        assert threads.announcing(session, course.row(), post.id) == (announcement,)
        assert threads.announcing(session, course.row(), announcement.id) == ()
    for chosen in (
        {},
        {"tag": "sample"},
        {"q": "Netz"},
        {"source": course.hosts["social.example"].id},
    ):
        assert announcement.id not in {post.id for post in course.posts(**chosen)}
    audit(database)


def test_the_post_changes_visibly_when_it_is_announced(database: Database) -> None:
    course = Course.of(database)
    course.take(POST)
    before = course.posts()[0].revision
    course.take(TOOT)
    assert course.posts()[0].revision > before
    audit(database)


def test_an_edit_that_removes_the_link_clears_it(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, TOOT)
    course.take(replace(TOOT, raw=replace(TOOT.raw, content="<p>Doch nicht. #sample</p>")))
    status_post, post = course.posts()
    assert (status_post.kind, post.announced_by) == ("status", ())
    audit(database)


def test_it_stands_by_itself_while_the_post_is_gone(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, TOOT)
    assert _explained(course, TOOT) == URL
    course.take(withdrawn=[POST])
    assert [post.url for post in course.posts()] == [TOOT.raw.url]
    assert _explained(course, TOOT) is None
    course.take(POST)
    assert [post.url for post in course.posts()] == [URL]
    audit(database)


def test_a_withdrawn_announcement_is_named_no_longer(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, TOOT)
    course.take(withdrawn=[TOOT])
    assert course.posts()[0].announced_by == ()
    audit(database)


def test_another_persons_hint_is_a_response(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, status(1, f"Lesetipp: {URL} #sample", by=BEN))
    assert {(post.kind, post.responses, post.announced_by) for post in course.posts()} == {
        ("blog", 1, ()),
        ("status", 0, ()),
    }
    audit(database)


def test_a_text_of_its_own_is_a_post_of_its_own(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, status(1, f"{OTHER} Siehe auch {URL} #sample"))
    assert len(course.posts()) == 2
    audit(database)


def test_what_links_elsewhere_too_says_more(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, status(1, f"Zwei Texte: {URL} https://ben.example/anderswo/ #sample"))
    assert len(course.posts()) == 2
    audit(database)


def test_a_reply_is_a_reply(database: Database) -> None:
    course = Course.of(database)
    course.take(POST, status(1, "Wer hat Beispiele? #sample", by=BEN))
    answer = status(2, f"Ich hätte eines: {URL} #sample")
    answer = replace(answer, raw=replace(answer.raw, in_reply_to=f"{BEN}/1"))
    course.take(answer)
    assert len(course.posts()) == 3
    audit(database)


def test_a_video_may_be_announced_a_status_may_not(database: Database) -> None:
    course = Course.of(database)
    course.take(
        replace(POST, raw=replace(POST.raw, kind=Kind.VIDEO)),
        TOOT,
        status(2, f"Mein Faden von gestern: {TOOT.raw.url} #sample"),
    )
    assert {post.url: post.announced_by for post in course.posts()} == {
        URL: (TOOT.raw.url,),
        "https://social.example/@ada/2": (),
    }
    audit(database)


def test_it_follows_the_post_into_another(database: Database) -> None:
    """Both posts had an announcement; merged, the post has two."""
    course = Course.of(database)
    two = "https://ada-zwei.example/kurz/"
    course.take(blog("kurz", OTHER[:90], host="ada-zwei.example", title="Kurz"), POST)
    course.take(TOOT, status(2, f"Und hier in Kurz: {two} #sample"))
    course.take(relayed(POST, two))
    (post,) = course.posts()
    assert len(post.announced_by) == 2
    audit(database)


def test_the_post_that_turns_out_to_be_theirs_is_announced(database: Database) -> None:
    """The planet's copy comes first and does not say whose it is."""
    course = Course.of(database)
    course.take(relayed(POST))
    course.take(TOOT)
    assert [post.responses for post in course.posts(kind="blog")] == [1]
    course.take(replace(POST, raw=replace(POST.raw, content=f"<p>{STAIRS_MENDED[:100]}</p>")))
    (post,) = course.posts()
    assert (post.responses, post.announced_by) == (0, (TOOT.raw.url,))
    audit(database)
