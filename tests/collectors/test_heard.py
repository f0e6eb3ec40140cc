"""What the answers of one run say of the source, whatever comes after."""

from datetime import UTC, datetime

from collectors.contract import Ask, Batch, Hints, Reply
from collectors.headers import NO_VALIDATORS, Validators
from collectors.heard import Heard
from collectors.http import Fetched
from collectors.reading import Reading, normalised
from collectors.websub import Offer
from tests.collectors.specs import spec

FEED = "https://ada.example/feed"
HUB = {"link": f'<https://hub.example/>; rel="hub", <{FEED}>; rel="self"'}
NOW = datetime(2026, 11, 3, tzinfo=UTC)


def heard(*answers: tuple[Batch, dict[str, str]]) -> tuple[Heard, Reading]:
    made = Heard()
    for batch, headers in answers:
        reading = normalised(spec("feed", FEED), batch, NOW)
        reply = Reply(FEED, 200, headers, b"")
        made.hear(
            Fetched(
                reply, NO_VALIDATORS, not_modified=False, moved_to=None, seconds=0, fresh_for=None
            ),
            reading,
        )
    return made, made.told(reading)


def test_checks_after_a_feed_take_nothing_back() -> None:
    feed = Batch(hints=Hints(ttl=60.0), title="Ada (Muster)", more=True)
    made, told = heard((feed, HUB), (Batch(more=True), {}), (Batch(), {}))
    assert made.offer == Offer("https://hub.example/", FEED)
    assert (told.hints, told.title, told.more) == (Hints(ttl=60.0), "Ada (Muster)", False)


def test_what_leads_to_the_feed_says_nothing_for_it() -> None:
    """A homepage may have a hub of its own."""
    made, _ = heard((Batch(more=True), HUB), (Batch(title="Ada (Muster)"), {}))
    assert made.offer is None


def test_an_answer_that_says_nothing_else_may_offer_push() -> None:
    made, _ = heard((Batch(), HUB))
    assert made.offer == Offer("https://hub.example/", FEED)


def test_a_feed_that_moved_is_known_to_whatever_comes_after_it() -> None:
    moved = "https://ada.example/new"
    feed = Fetched(
        Reply(moved, 200, {}, b"feed"),
        Validators('"a"'),
        not_modified=False,
        moved_to=moved,
        seconds=0,
        fresh_for=600,
    )
    made = Heard()
    made.note(Ask(FEED), feed, "digest")
    check = Fetched(
        Reply("https://ada.example/1", 200, {}, b"page"),
        Validators('"page"'),
        not_modified=False,
        moved_to=None,
        seconds=0,
        fresh_for=5,
    )
    for again in (FEED, moved):
        answered = made.repeated_by(Ask(again))
        assert answered is not None
        told = answered.stands_for(check)
        assert (told.moved_to, told.validators, told.fresh_for) == (moved, feed.validators, 600)
        assert told.reply.body == b"page"
    assert made.repeated_by(Ask(FEED, conditional=False)) is None
    assert made.repeated_by(Ask("https://ada.example/1")) is None
