"""What holds for every kind of source, over the whole registry.

`tests/fixtures/kinds/KIND/NAME.json` holds a source and an answer (`body` is JSON, or text as it
stands); beside it stands what must be read from it.
"""

import inspect
import json
import pickle
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from collectors.contract import Ask, Batch, CollectError, Collector, Reply
from collectors.needs import needs_of
from collectors.reading import read
from collectors.registry import KINDS
from models.domain import links
from models.domain.source import Errands, Match, Rule, SourceSpec
from tests.collectors.feeds.batches import as_json

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "kinds"
NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
CASES = sorted(
    path for path in FIXTURES.glob("*/*.json") if not path.name.endswith(".expected.json")
)

every_kind = pytest.mark.parametrize("collector", KINDS.values(), ids=list(KINDS))
every_case = pytest.mark.parametrize(
    "path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)


def source_of(path: Path) -> SourceSpec:
    given = json.loads(path.read_text("utf-8"))
    rule = Rule(
        hashtags=("muster",),
        match=Match.HASHTAG,
        language="de",
        participant_registered=given.get("participant_registered", False),
        since=datetime(2026, 10, 1, tzinfo=UTC).timestamp(),
    )
    return SourceSpec(
        id="s1",
        kind=path.parent.name,
        url=given["url"],
        rule=rule,
        options=given.get("options", {}),
        cursor=given.get("cursor", {}),
        errands=Errands(recheck=tuple((id_, key) for id_, key in given.get("recheck", ()))),
        now=NOW.timestamp(),
    )


def reply_to(ask: Ask, path: Path) -> Reply:
    given = json.loads(path.read_text("utf-8"))
    body = given["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(ask.url, given.get("status", 200), given.get("headers", {}), text.encode())


def outcome(path: Path) -> Batch | CollectError:
    collector, source = KINDS[path.parent.name], source_of(path)
    try:
        return collector.parse(source, reply_to(collector.ask(source), path))
    except CollectError as error:
        return error


def shown(found: Batch | CollectError) -> Any:
    if isinstance(found, CollectError):
        return {"error": found.code, "message": found.message}
    return as_json(found)


@every_case
def test_is_read_as_expected(path: Path) -> None:
    expected = path.with_name(path.name.replace(".json", ".expected.json"))
    assert shown(outcome(path)) == json.loads(expected.read_text("utf-8"))


@every_case
def test_answers_are_read_alike_every_time(path: Path) -> None:
    assert shown(outcome(path)) == shown(outcome(path))


@every_case
def test_what_is_read_can_be_kept_and_sent(path: Path) -> None:
    found = outcome(path)
    if isinstance(found, CollectError):
        assert pickle.loads(pickle.dumps(found)).text == found.text
        assert found.mend
        return
    assert pickle.loads(pickle.dumps(found)) == found
    assert json.loads(json.dumps(found.cursor)) == found.cursor


@every_case
def test_posts_keep_the_contract(path: Path) -> None:
    found = outcome(path)
    if isinstance(found, CollectError):
        return
    ids = [post.external_id for post in found.posts]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    for post in found.posts:
        addresses = (post.url, post.author.url, *post.mentions, *post.aliases)
        for address in (*addresses, *(media.url for media in post.media)):
            assert address is None or links.is_web_url(address)
        for moment in (post.published_at, post.updated_at):
            assert moment is None or moment.tzinfo is UTC


@every_case
def test_identity_does_not_depend_on_the_hour(path: Path) -> None:
    """What is normalised later is the same post."""
    if isinstance(outcome(path), CollectError):
        return
    collector, source = KINDS[path.parent.name], source_of(path)
    reply = reply_to(collector.ask(source), path)
    first = read(source, reply, NOW)
    later = read(source, reply, NOW.replace(day=25))
    assert [entry.entry_key for entry in first.entries] == [
        entry.entry_key for entry in later.entries
    ]
    assert [entry.digest for entry in first.entries] == [entry.digest for entry in later.entries]


@every_kind
def test_has_fixtures_and_is_documented(collector: Collector) -> None:
    assert [path for path in CASES if path.parent.name == collector.kind]
    documented = (ROOT / "docs" / "sources.md").read_text("utf-8")
    sections = re.split(r"^## ", documented, flags=re.MULTILINE)
    section = next((each for each in sections if each.startswith(f"`{collector.kind}`")), "")
    for part in ("**Takes**", "**Needs**", "**Limits**", "**Not taken in**"):
        assert part in section
    for name in needs_of(collector).options:
        assert f"`{name}`" in section


@every_kind
def test_names_itself_and_its_pace(collector: Collector) -> None:
    assert KINDS[collector.kind] is collector
    least, greatest = collector.pace
    assert 20 <= least < greatest <= 86_400
    assert collector.kind in (inspect.getmodule(collector.__class__).__doc__ or "")


@every_kind
def test_asks_for_web_addresses_and_sends_no_secret_of_its_own(collector: Collector) -> None:
    for path in (path for path in CASES if path.parent.name == collector.kind):
        ask = collector.ask(source_of(path))
        assert links.is_web_url(ask.url)
        assert "authorization" not in {name.lower() for name in ask.headers}
        assert needs_of(collector).takes or not ask.with_secret


@pytest.mark.parametrize(
    ("message", "mend", "text"),
    [
        ("it broke off", "", "It broke off."),
        ("it broke off.", "ask again", "It broke off. Ask again."),
        ("https://a.example/ is empty", "", "https://a.example/ is empty."),
    ],
)
def test_an_error_speaks_in_sentences(message: str, mend: str, text: str) -> None:
    assert CollectError("broken", message, mend=mend).text == text


def test_what_passes_says_that_it_is_tried_again() -> None:
    found = CollectError("broken", "it broke off", mend="look at it", passing=True)
    again = pickle.loads(pickle.dumps(found))
    assert again.text == "It broke off. It is asked again later by itself; look at it."
    assert (again.text, again.passing) == (found.text, True)


ACCOUNT = {"user": "ada", "root": "https://a.example", "id": "1"}
SIGNED_IN = {"session": NOW.timestamp()}


@pytest.mark.parametrize(
    ("kind", "url", "cursor", "options"),
    [
        ("mastodon", "https://a.example", {}, {}),
        ("fediverse", "https://a.example/@ada", ACCOUNT, {}),
        ("bluesky", "https://bsky.social", SIGNED_IN, {"identifier": "ada.example"}),
        ("peertube", "https://a.example/c/ada", {}, {}),
        ("x", "https://x.com", {}, {"max_reads_a_month": 1000}),
    ],
)
def test_servers_are_asked_for_hashtags_with_their_diacritics(
    kind: str, url: str, cursor: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    """Many tell `#grün` and `#grun` apart."""
    rule = Rule(("grun",), Match.HASHTAG, "de", spelled=("grün",))
    source = SourceSpec("s1", kind, url, rule, options=options, cursor=cursor, now=NOW.timestamp())
    assert quote("grün") in KINDS[kind].ask(source).url
