"""Who answers whom, whichever of the two came first."""

import pytest
from sqlalchemy import select

from models.domain.post import Kind, RawAuthor, RawPost
from models.domain.source import Match
from models.store import feed, people, sources
from models.store.engine import Database
from models.store.reassigning import hand_over
from models.store.rows import FeedPost, Position
from models.tables.posts import EdgeTable
from tests.models.store.audit import audit
from tests.models.store.material import AT, Stage, raw

ADA, BEN = "ada.example", "ben.example"
ONE = "https://ada.example/one"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def answer(name: str = "answer", text: str = "Text", **more: object) -> RawPost:
    """A post of Ben's."""
    address = f"https://ben.example/{name}"
    ben = RawAuthor(name="Ben (Muster)")
    return raw(name, text, **({"external_id": address, "url": address, "author": ben} | more))


def linking(name: str = "answer", to: str = ONE, **more: object) -> RawPost:
    return answer(name, f'Wie <a href="{to}">dort</a>', **more)


def one(stage: Stage) -> FeedPost:
    (found,) = (post for post in stage.posts() if post.url == ONE)
    return found


def responses(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        found = feed.responses(session, stage.row, one(stage).id)
    assert found.after is None
    return [post.url.rpartition("/")[2] for post in found.posts]


def kinds(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return sorted(session.scalars(select(EdgeTable.kind)))


@pytest.mark.parametrize("first", ["question", "answer"])
@pytest.mark.parametrize("reply", [answer(in_reply_to=ONE), linking(), linking(in_reply_to=ONE)])
def test_a_response_counts_whichever_came_first(stage: Stage, first: str, reply: RawPost) -> None:
    answers = [stage.answer(ADA, raw("one")), stage.answer(BEN, reply)]
    for each in answers if first == "question" else reversed(answers):
        stage.take(each)
        audit(stage.database)
    assert one(stage).responses == 1
    assert responses(stage) == ["answer"]
    assert kinds(stage) == ["reply" if reply.in_reply_to else "link"]


def test_one_s_own_links_are_no_responses(stage: Stage) -> None:
    stage.bring(ADA, raw("one"), raw("two", f'Nach <a href="{ONE}">eins</a>'))
    assert kinds(stage) == []
    assert one(stage).responses == 0
    assert responses(stage) == []


def test_two_blogs_that_turn_out_to_be_one_person_s(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    stage.bring(BEN, linking())
    assert one(stage).responses == 1
    with stage.database.writing() as session:
        person = people.ensure(session, stage.course_id, "Ada (Muster)", AT)
        for host in (ADA, BEN):
            hand_over(session, sources.get(session, stage.source(host)), person, AT)
    assert one(stage).responses == 0
    assert responses(stage) == []
    audit(stage.database)


def test_a_withdrawn_response_counts_no_longer(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    stage.bring(BEN, answer(in_reply_to=ONE), linking("second"))
    before = one(stage)
    assert before.responses == 2
    stage.bring(BEN, withdrawn=["https://ben.example/answer"])
    after = one(stage)
    assert (after.responses, responses(stage)) == (1, ["second"])
    assert after.revision > before.revision  # its readers are told
    stage.bring(BEN, answer("second", "Doch nicht"))
    assert (one(stage).responses, kinds(stage)) == (0, ["reply"])
    audit(stage.database)


def test_comments_stand_under_their_post_only(stage: Stage) -> None:
    stage.source(BEN, match=Match.ALL)
    stage.bring(ADA, raw("one"))
    stage.bring(BEN, answer(kind=Kind.COMMENT, in_reply_to=ONE))
    assert [post.url for post in stage.posts()] == [ONE]
    assert responses(stage) == ["answer"]
    assert [post.kind for post in stage.posts(kind="comment")] == ["comment"]
    assert stage.row.posts == 1


def test_mentions_follow_the_content(stage: Stage) -> None:
    stage.bring(BEN, answer(mentions=("https://social.example/@ada",)))
    assert kinds(stage) == ["mention"]
    stage.bring(BEN, answer(mentions=()))
    assert kinds(stage) == []


def test_responses_go_on_page_by_page_oldest_first(stage: Stage) -> None:
    stage.bring(ADA, raw("one"))
    names = [f"r{number}" for number in range(7)]
    for name in names:
        stage.later(minutes=1)
        stage.bring(BEN, answer(name, in_reply_to=ONE, published_at=stage.now))
    after: Position | None = None
    found: list[str] = []
    while True:
        with stage.database.reading() as session:
            page = feed.responses(session, stage.row, one(stage).id, after=after, limit=3)
        found += [post.url.rpartition("/")[2] for post in page.posts]
        after = page.after
        if after is None:
            break
    assert found == names
