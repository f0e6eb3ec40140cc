"""From handles and profile addresses to the account's own instance."""

import pytest

from collectors import webfinger
from collectors.contract import Reply
from collectors.webfinger import Account, Address

ADDRESS = Address("https", "example.org", "muster")
ACTOR = {"rel": "self", "type": "application/activity+json"}


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("@muster@example.org", "https://example.org/@muster"),
        (" acct:muster@Example.org ", "https://example.org/@muster"),
        ("@muster@127.0.0.1:8080", "https://127.0.0.1:8080/@muster"),
        ("muster@example.org", None),
        ("@muster", None),
        ("https://example.org/@muster", None),
        ("@muster@example.org/path", None),
    ],
)
def test_handles(text: str, profile: str | None) -> None:
    assert webfinger.profile_of_handle(text) == profile


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://example.org/@muster", ADDRESS),
        ("https://example.org/@muster/", ADDRESS),
        ("https://Example.org/users/muster", ADDRESS),
        ("https://example.org/web/@muster", ADDRESS),
        ("https://example.org/%40muster", ADDRESS),
        ("https://elsewhere.example/@muster@example.org", ADDRESS),
        ("http://127.0.0.1:8080/@muster", Address("http", "127.0.0.1:8080", "muster")),
        ("https://example.org/", None),
        ("https://example.org/@muster/108", None),
        ("https://example.org/tags/muster", None),
    ],
)
def test_profile_addresses(url: str, address: Address | None) -> None:
    assert webfinger.address_of(url) == address


def test_what_is_asked() -> None:
    assert webfinger.ask(ADDRESS).url == (
        "https://example.org/.well-known/webfinger?resource=acct%3Amuster%40example.org"
    )
    template = "https://social.example/finger?uri={uri}"
    assert webfinger.ask_template(ADDRESS, template).url == (
        "https://social.example/finger?uri=acct%3Amuster%40example.org"
    )


def reply(body: str, status: int = 200) -> Reply:
    return Reply("https://example.org/x", status, {}, body.encode())


@pytest.mark.parametrize(
    ("body", "account"),
    [
        (
            '{"subject": "acct:Muster@example.org", "links": [{"rel": "self", "type":'
            ' "application/activity+json", "href": "https://social.example/users/Muster"}]}',
            Account("Muster", "https://social.example"),
        ),
        (
            '{"links": [{"rel": "self", "href": "https://social.example/7", "type":'
            ' "application/ld+json; profile=\\"https://www.w3.org/ns/activitystreams\\""}]}',
            Account("muster", "https://social.example"),
        ),
        (
            '{"subject": 7, "links": [{"rel": "http://webfinger.net/rel/profile-page",'
            ' "href": "https://social.example:8443/@muster"}]}',
            Account("muster", "https://social.example:8443"),
        ),
        (
            '<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
            "<Subject>acct:muster@example.org</Subject><Link rel='self'"
            " type='application/activity+json' href='https://social.example/users/muster'/></XRD>",
            Account("muster", "https://social.example"),
        ),
        ('{"links": [{"rel": "self", "type": "text/html", "href": "https://x.example"}]}', None),
        ('{"links": [{"rel": "self", "type": "application/activity+json", "href": "x"}]}', None),
        ('{"links": {"rel": "self"}}', None),
        ('{"links": [7, null, {"rel": 1}]}', None),
        ("{", None),
        ("<html><body>no", None),
        ("", None),
        ("[" * 100_000, None),
        ("{" + '"a":{' * 100_000, None),
    ],
)
def test_answers(body: str, account: Account | None) -> None:
    assert webfinger.read(reply(body), ADDRESS) == account
    assert webfinger.read(reply(body, 404), ADDRESS) is None


def test_entities_are_not_expanded() -> None:
    bomb = (
        '<!DOCTYPE XRD [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Subject>acct:&b;@x</Subject></XRD>"
    )
    assert webfinger.read(reply(bomb), ADDRESS) is None


def test_host_metadata() -> None:
    document = (
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd"'
        ' template="https://social.example/finger?resource={uri}"/></XRD>'
    )
    found = "https://social.example/finger?resource={uri}"
    assert webfinger.template(reply(document)) == found
    assert webfinger.template(reply(document, 404)) is None
    assert webfinger.template(reply(document.replace("{uri}", ""))) is None
    assert webfinger.template(reply('{"links": [{"rel": "lrdd", "template": "/x{uri}"}]}')) is None
