"""One post, however many copies: merged whichever comes first, and shown at its best."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from string import ascii_lowercase

import pytest
from sqlalchemy import event, select, update

from models.domain.errors import Gone
from models.store import changelog, erasing, feed
from models.store.engine import Database
from models.store.likeness import MOST_COMPARED
from models.store.touched import Counts
from models.tables.posts import PostTable
from models.tables.ties import TieTable
from tests.models.store.arrivals import BEN, Arrival, Course, blog, relayed, status
from tests.models.store.audit import audit
from tests.models.store.texts import OTHER, STAIRS, STAIRS_MENDED, WEEKLY

TWO = "ada-zwei.example"
STAIRS_POST = blog("treppe", STAIRS, title="Die Treppe")
COPY = blog("treppe-zwei", STAIRS_MENDED, host=TWO, hours=30, title="Treppen")


def _gone(course: Course, post_id: str) -> str | None:
    """What it was merged into."""
    with course.database.reading() as session, pytest.raises(Gone) as gone:
        feed.post(session, course.row(), post_id)
    return gone.value.merged_into


def _log(course: Course) -> list[str]:
    with course.database.reading() as session:
        entries, _ = changelog.changes(session, course.row(), 0)
    return [entry.change for entry in entries]


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_: object, __: object, statement: str, *more: object) -> None:
        found.append(statement)

    event.listen(database.writer, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.writer, "before_cursor_execute", note)


def test_a_copy_in_another_blog_joins_the_post_that_was_there(database: Database) -> None:
    course = Course.of(database)
    assert course.take(STAIRS_POST) == Counts(new=1)
    (first,) = course.posts()
    assert course.take(COPY) == Counts(changed=1)
    (post,) = course.posts()
    assert post.id == first.id
    assert {source.url for source in post.sources} == {
        "https://ada.example/feed",
        "https://ada-zwei.example/feed",
    }
    assert _log(course) == ["post", "change"]
    audit(database)


def test_a_copy_keeps_its_own_uid_known(database: Database) -> None:
    """What answers or links the copy answers the post."""
    course = Course.of(database)
    course.take(STAIRS_POST)
    course.take(COPY)
    course.take(status(1, f"Lesetipp {COPY.raw.url} #sample", by=BEN))
    course.take(status(2, f"Noch einer {STAIRS_POST.raw.url} #sample", by=BEN))
    assert [post.responses for post in course.posts(kind="blog")] == [2]
    audit(database)


def test_another_persons_copy_stays_theirs(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST)
    course.take(blog("abgeschrieben", STAIRS, host="ben.example"))
    assert len(course.posts()) == 2
    audit(database)


@pytest.mark.parametrize("hours", [24 * 7, 24 * 7 + 1])
def test_seven_days_are_the_bound(database: Database, hours: int) -> None:
    course = Course.of(database)
    course.take(blog("eins", STAIRS, hours=-100))
    course.take(blog("zwei", STAIRS, host=TWO, hours=hours - 100))
    assert len(course.posts()) == (1 if hours == 24 * 7 else 2)
    audit(database)


def test_two_entries_of_one_source_are_two_posts(database: Database) -> None:
    course = Course.of(database)
    course.take(blog("eins", STAIRS), blog("zwei", STAIRS, hours=2))
    course.take(blog("drei", STAIRS, host=TWO, hours=3))
    assert sorted(len(post.sources) for post in course.posts()) == [1, 2]
    audit(database)


def test_a_copy_goes_to_the_instalment_it_is_of_even_if_that_comes_last(
    database: Database,
) -> None:
    """Before its own original comes, a copy may be taken for one of its neighbour."""
    course = Course.of(database)
    third = blog("brief-3", WEEKLY.format(topic="Wikis und was in ihnen wohnt"), title="Brief")
    fourth = blog("brief-4", WEEKLY.format(topic="Wikis"), hours=48, title="Brief")
    copy = blog("brief", WEEKLY.format(topic="Wikis"), host=TWO, hours=50, title="Brief")
    course.take(third)
    course.take(copy)
    course.take(fourth)
    found = {post.url: {source.url for source in post.sources} for post in course.posts()}
    assert found[third.raw.url or ""] == {"https://ada.example/feed"}
    assert any(len(sources) == 2 for url, sources in found.items() if url != third.raw.url)
    audit(database)


def test_the_nearest_of_one_place_are_compared(database: Database) -> None:
    """Twenty, whoever writes more: a copy beyond them is a post of its own."""
    course = Course.of(database)
    many = MOST_COMPARED + 5
    course.take(*(blog(f"{hour}", _filled(hour), hours=hour) for hour in range(many)))
    near = blog("nah", _filled(many - 2), host=TWO, hours=many)
    course.take(near, blog("fern", _filled(0), host=TWO, hours=many))
    alone = {post.url for post in course.posts() if TWO in post.url}
    assert alone == {f"https://{TWO}/fern/"}
    assert len(course.posts()) == many + 1
    audit(database)


def _filled(number: int) -> str:
    """A text unlike that of any other number."""
    chosen = random.Random(number)
    return " ".join("".join(chosen.choices(ascii_lowercase, k=7)) for _ in range(40))


def test_two_statuses_of_one_account_are_two_posts(database: Database) -> None:
    """Even if two instances show one of them each."""
    course = Course.of(database)
    course.take(status(1, STAIRS + " #sample"))
    course.take(status(2, STAIRS + " #sample", at="far.example"))
    assert len(course.posts()) == 2
    audit(database)


def test_a_third_sighting_with_both_addresses_joins_two_posts(database: Database) -> None:
    course = Course.of(database)
    course.take(blog("pause", OTHER, hours=-90))
    course.take(blog("pause-neu", OTHER[:150], host=TWO))
    older, newer = reversed(course.posts())
    course.take(relayed(blog("pause", OTHER, hours=-90), newer.url))
    (post,) = course.posts()
    assert (post.id, len(post.sources)) == (older.id, 3)
    assert _gone(course, newer.id) == older.id
    assert _log(course)[2:] in (["change", "withdraw"], ["withdraw", "change"])
    audit(database)


def test_of_two_posts_the_one_with_the_origins_copy_stays(database: Database) -> None:
    course = Course.of(database)
    longer = OTHER + " Und der Kaffee dort war besser als jeder Kanal, den wir seither hatten."
    course.take(relayed(blog("alt", longer)))
    course.take(blog("neu", OTHER[:120], host=TWO))
    relay, own = course.posts()
    if relay.url.startswith("https://ada-zwei"):
        relay, own = own, relay
    bridge = relayed(blog("alt", longer), own.url)
    course.take(replace(bridge, raw=replace(bridge.raw, external_id="tag:planet.example:other")))
    (post,) = course.posts()
    assert post.id == own.id
    audit(database)


def test_a_decision_of_a_facilitator_is_not_lost(database: Database) -> None:
    """What was hidden does not come back by way of a copy."""
    course = Course.of(database)
    course.take(STAIRS_POST)
    with database.writing() as session:
        session.execute(update(PostTable).values(hidden=True))
    course.take(COPY)
    assert not course.posts()


def test_the_origins_withdrawal_takes_foreign_copies_along(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST, COPY)
    course.take(withdrawn=[STAIRS_POST])
    (post,) = course.posts()  # Ada's other blog still has it, and that is hers as well
    assert post.url == COPY.raw.url
    course.take(withdrawn=[COPY])
    assert not course.posts()
    audit(database)


def test_what_the_shown_copy_says_replaces_all_that_hangs_on_the_post(database: Database) -> None:
    """After the richer copy is taken back: kind, tags, links, edges, search are the other's."""
    course = Course.of(database)
    target = blog("ziel", OTHER, host="ben.example")
    link = f' <a href="{target.raw.url}">dort</a>'
    copy = replace(COPY, raw=replace(COPY.raw, content=COPY.raw.content + link))
    course.take(target)
    course.take(STAIRS_POST, copy)
    assert {post.responses for post in course.posts(q="Pausenraum")} == {1}
    course.take(withdrawn=[copy])
    assert {post.responses for post in course.posts(q="Pausenraum")} == {0}
    audit(database)


def test_the_participant_is_known_by_the_copy_that_is_not_shown(database: Database) -> None:
    course = Course.of(database)
    short = replace(STAIRS_POST, raw=replace(STAIRS_POST.raw, content=STAIRS[:90] + " […]"))
    course.take(relayed(STAIRS_POST))
    course.take(short)
    (post,) = course.posts()
    assert post.excerpt.startswith(STAIRS[:60])
    assert len(post.content_html) > 200
    assert post.author.participant is not None
    audit(database)


def test_a_feed_that_turns_to_summaries_takes_no_text_away(database: Database) -> None:
    course = Course.of(database)
    tagged = replace(STAIRS_POST.raw, content=STAIRS_POST.raw.content + "<p>#mehr #sample</p>")
    course.take(Arrival("ada.example", tagged))
    (before,) = course.posts()
    summary = replace(tagged, content=f"<p>{STAIRS[:150]} […]</p>")
    course.take(Arrival("ada.example", summary))
    (after,) = course.posts()
    assert (after.content_html, after.excerpt) == (before.content_html, before.excerpt)
    assert after.hashtags == before.hashtags
    assert course.take(Arrival("ada.example", summary)) == Counts()
    audit(database)


def test_who_shortens_a_post_is_obeyed(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST)
    course.take(replace(STAIRS_POST, raw=replace(STAIRS_POST.raw, content="<p>Nur das.</p>")))
    (post,) = course.posts()
    assert post.content_html == "<p>Nur das.</p>"
    audit(database)


def test_an_edit_does_not_part_copies_again(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST, COPY)
    course.take(replace(COPY, raw=replace(COPY.raw, content=f"<p>{OTHER}</p>")))
    assert len(course.posts()) == 1
    audit(database)


def test_many_copies_cost_no_more_statements_than_few(database: Database) -> None:
    course = Course.of(database)
    few, many = (_statements_of_copies(course, total) for total in (2, 40))
    assert few == many
    audit(database)


def _statements_of_copies(course: Course, total: int) -> list[str]:
    """The beginnings of what storing so many copies in one answer executes."""
    texts = [_gibberish(total + number) for number in range(total)]
    for host in ("ada.example", TWO):
        arrivals = [
            blog(f"n{total}-{n}", text, host=host, hours=n / 9) for n, text in enumerate(texts)
        ]
        answers = course.answers(*arrivals)
        with _statements(course.database) as found:
            course.store(answers)
    return [statement[:60] for statement in found]


def _gibberish(seed: int) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(ascii_lowercase, k=7)) for _ in range(40))


def test_erasing_a_post_leaves_nothing_of_its_copies(database: Database) -> None:
    course = Course.of(database)
    course.take(STAIRS_POST, COPY, blog("pause", OTHER))
    erased = next(post for post in course.posts() if len(post.sources) == 2)
    with database.writing() as session:
        erasing.erase_posts(session, course.id, [erased.id], course.now)
    course.take(STAIRS_POST, COPY)
    assert [post.url for post in course.posts()] == ["https://ada.example/pause/"]
    with database.reading() as session:
        assert not session.scalars(select(TieTable.own_id)).all()


def test_what_anybody_may_send_in_is_nobodys_copy(database: Database) -> None:
    """A mention that waits for approval may claim any author."""
    course = Course.of(database)
    course.take(STAIRS_POST)
    (answer,) = course.answers(COPY)
    course.store([replace(answer, held=True)])
    (post,) = course.posts()
    assert [source.url for source in post.sources] == ["https://ada.example/feed"]
    audit(database)
