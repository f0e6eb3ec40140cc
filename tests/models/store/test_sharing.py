"""Links are counted along: what visible posts share, whatever becomes of them."""

import pytest

from models.domain.post import RawAuthor
from models.store import erasing, sharedlinks, withdrawing
from models.store.engine import Database
from models.store.rows import SharedLink
from tests.models.store.audit import audit
from tests.models.store.material import AT, Stage, raw
from tests.models.store.plans import GROWING, watching

ADA, BEN, CLARA = "ada.example", "ben.example", "clara.example"
READ = "https://reading.example/one"


@pytest.fixture
def stage(database: Database) -> Stage:
    made = Stage(database)
    for host, name in ((ADA, "Ada (Muster)"), (BEN, "Ben (Muster)"), (CLARA, "Clara (Muster)")):
        made.source(host, participant=name)
    return made


def share(stage: Stage, host: str, name: str, url: str = READ, **more: object) -> None:
    address = f"https://{host}/{name}"
    stage.bring(
        host,
        raw(name, f'<a href="{url}">dort</a>', url=address, external_id=address, **more),
    )


def shared(stage: Stage) -> list[SharedLink]:
    audit(stage.database)
    with stage.database.reading() as session:
        return list(sharedlinks.most(session, stage.row))


def counts(stage: Stage) -> list[tuple[str, int, int]]:
    return [(link.url, link.people, link.posts) for link in shared(stage)]


def test_two_people_make_a_link_worth_naming(stage: Stage) -> None:
    share(stage, ADA, "one")
    share(stage, ADA, "two")
    assert counts(stage) == []
    share(stage, BEN, "one")
    assert counts(stage) == [(READ, 2, 3)]


def test_the_same_place_is_one_link_however_it_is_spelled(stage: Stage) -> None:
    share(stage, ADA, "one", f"{READ}?utm_source=letter")
    share(stage, BEN, "one", READ.replace("https://", "http://www."))
    share(stage, CLARA, "one")
    assert counts(stage) == [(READ, 3, 3)]


def test_most_people_first_then_most_posts(stage: Stage) -> None:
    for host in (ADA, BEN, CLARA):
        share(stage, host, "one", "https://reading.example/three")
    for host, name in ((ADA, "two"), (BEN, "two"), (BEN, "more")):
        share(stage, host, name, "https://reading.example/more")
    for host in (ADA, BEN):
        share(stage, host, "three", "https://reading.example/less")
    assert [url.rpartition("/")[2] for url, _, _ in counts(stage)] == ["three", "more", "less"]


def test_who_shared_it_the_first_first_and_each_once(stage: Stage) -> None:
    ben, ada = RawAuthor(name="Ben (Muster)"), RawAuthor(name="Ada (Muster)")
    for host, name, author in ((BEN, "one", ben), (ADA, "one", ada), (ADA, "two", ada)):
        share(stage, host, name, author=author)
    (link,) = shared(stage)
    assert [sharer.name for sharer in link.by] == ["Ben (Muster)", "Ada (Muster)"]
    urls = {post.id: post.url for post in stage.posts()}
    assert [urls[sharer.post_id] for sharer in link.by] == [
        "https://ben.example/one",
        "https://ada.example/one",
    ]


def test_what_is_withdrawn_counts_no_more_and_what_returns_does_again(stage: Stage) -> None:
    share(stage, ADA, "one")
    share(stage, BEN, "one")
    stage.bring(BEN, withdrawn=["https://ben.example/one"])
    assert counts(stage) == []
    share(stage, BEN, "one")
    assert counts(stage) == [(READ, 2, 2)]


def test_an_edit_takes_its_link_along(stage: Stage) -> None:
    share(stage, ADA, "one")
    share(stage, BEN, "one")
    share(stage, BEN, "one", "https://reading.example/other")
    assert counts(stage) == []
    share(stage, ADA, "one", "https://reading.example/other")
    assert counts(stage) == [("https://reading.example/other", 2, 2)]


def test_hidden_and_erased_posts_do_not_count(stage: Stage) -> None:
    for host in (ADA, BEN, CLARA):
        share(stage, host, "one")
    by_url = {post.url: post.id for post in stage.posts()}
    with stage.database.writing() as session:
        erasing.erase_posts(session, stage.course_id, [by_url["https://ada.example/one"]], AT)
    assert counts(stage) == [(READ, 2, 2)]
    with stage.database.writing() as session:
        withdrawing.withdraw_source(session, stage.course_id, stage.source(BEN), AT)
    assert counts(stage) == []


def test_a_post_of_the_course_is_known_for_one(stage: Stage) -> None:
    stage.bring(CLARA, raw("read-me", title="Lest das"))
    share(stage, ADA, "one", "https://ada.example/read-me")
    share(stage, BEN, "one", "https://ada.example/read-me")
    (link,) = shared(stage)
    own = {post.url: post.id for post in stage.posts()}["https://ada.example/read-me"]
    assert (link.title, link.post_id) == ("Lest das", own)


def test_the_most_shared_are_found_without_counting(stage: Stage) -> None:
    share(stage, ADA, "one")
    share(stage, BEN, "one")
    row = stage.row
    with stage.database.reading() as session, watching(stage.database) as seen:
        sharedlinks.most(session, row)
    lines = [line for plan in seen.plans().values() for line in plan]
    assert any("ix_shared_links_most" in line for line in lines)
    for table in GROWING:
        for line in lines:
            assert f"Seq Scan on {table}" not in line
            assert not line.startswith(f"SCAN {table}")
    if stage.database.is_sqlite:
        sorts = [line for line in lines if "TEMP B-TREE" in line]
        assert sorts == []
