import asyncio
import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.contract import Ask, CollectError
from collectors.guard import (
    AllowList,
    GuardedBackend,
    check_url,
    is_public,
    parse_allow,
    refused,
)
from collectors.http import Fetcher
from tests.collectors.loopback import connects, policy, response, serving

FIXTURE = Path(__file__).parent.parent / "fixtures" / "guard" / "refused.txt"
REFUSED = [
    line
    for line in FIXTURE.read_text(encoding="utf-8").split("\n")
    if line and not line.startswith("# ")
]
NOTHING = AllowList()

Resolver = Callable[..., list[Any]]


def resolver(*answers: str) -> Resolver:
    """Says the same of every host: the addresses given."""

    def getaddrinfo(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (answer, port, 0, 0))
            if ":" in answer
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))
            for answer in answers
        ]

    return getaddrinfo


async def fetch_error(url: str, **changes: Any) -> CollectError:
    async with Fetcher(policy(**changes)) as fetcher:
        with pytest.raises(CollectError) as caught:
            await fetcher.fetch(Ask(url))
    return caught.value


def test_the_table_of_hostile_addresses_is_long() -> None:
    assert len(set(REFUSED)) == len(REFUSED) >= 100


@pytest.mark.parametrize("url", REFUSED)
def test_refuses_without_a_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver("127.0.0.1"))
    with connects.recorded() as made:
        error = asyncio.run(fetch_error(url, allow=NOTHING))
    assert (error.code, error.message, error.mend) == (
        "refused-address",
        refused().message,
        refused().mend,
    )
    assert made == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "::1", "localhost"]
)
def test_the_connection_itself_is_guarded(host: str) -> None:
    async def connect() -> None:
        backend = GuardedBackend(NOTHING)
        with pytest.raises(CollectError) as caught:
            await backend.connect_tcp(host, 80)
        backend.close()
        assert caught.value.code == "refused-address"

    with connects.recorded() as made:
        asyncio.run(connect())
    # A resolver may ask a name server over UDP; no connection goes to what was asked for.
    assert [address for address in made if address[1] == 80] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://blog.example/",
        "https://blog.example",
        "http://blog.example:80/",
        "http://blog.example:443/",
        "https://blog.example./feed?a=@b#c@d",
        "http://müller.example/",
        "http://foo_bar.blog-.example/",
        "http://93.184.216.34/",
        "http://192.1.1.1/",
        "http://[2606:4700::1111]/",
        "http://1.blog.example/",
        "http://0x7f.example/",
        "http://local.example/",
    ],
)
def test_public_addresses_pass(url: str) -> None:
    assert check_url(url, NOTHING).scheme in {"http", "https"}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("100.63.255.255", True),
        ("100.128.0.0", True),
        ("168.63.129.15", True),
        ("172.15.255.255", True),
        ("172.32.0.0", True),
        ("223.255.255.255", True),
        ("2000::1", True),
        ("2003::1", True),
        ("2a00:1450::1", True),
        ("2001:200::1", True),
        ("3ffe::1", True),
        ("192.0.0.9", False),
        ("168.63.129.16", False),
        ("2001:1ff::1", False),
        ("2a00::1%1", False),
    ],
)
def test_the_borders_of_the_public_ranges(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_knows_better(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_no_public_address_carries_another(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    carriers = [
        number,
        0xFFFF << 32 | number,
        0xFFFF << 48 | number,
        0x64FF9B << 96 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | number,
        0x260647 << 104 | 0x5EFE << 32 | number,
    ]
    assert not any(is_public(ipaddress.IPv6Address(carrier)) for carrier in carriers)


@pytest.mark.parametrize(
    "answers",
    [
        ("10.0.0.1",),
        ("93.184.216.34", "127.0.0.1"),
        ("93.184.216.34", "::ffff:127.0.0.1"),
        ("2606:4700::1", "fe80::1%2"),
        ("64:ff9b::5db8:d822",),
    ],
)
def test_a_name_with_one_address_inside_is_refused(
    answers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(*answers))
    with connects.recorded() as made:
        error = asyncio.run(fetch_error("http://blog.example/", allow=NOTHING))
    assert (error.code, made) == ("refused-address", [])


def test_names_are_looked_up_once_and_the_checked_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lookups: list[str] = []

    def rebinding(host: str, *rest: Any, **named: Any) -> list[Any]:
        lookups.append(host)
        return resolver("127.0.0.1" if len(lookups) == 1 else "127.0.0.3")(host, *rest, **named)

    async def scenario() -> None:
        async with serving(lambda _: response(200, b"hello")) as site:
            monkeypatch.setattr(socket, "getaddrinfo", rebinding)
            async with Fetcher(policy(allow=parse_allow("127.0.0.1"))) as fetcher:
                fetched = await fetcher.fetch(Ask(f"http://blog.example:{site.port}/"))
            assert fetched.reply.body == b"hello"
            assert site.requests[0].headers["host"] == f"blog.example:{site.port}"

    with connects.recorded() as made:
        asyncio.run(scenario())
    assert lookups == ["blog.example"]
    assert [address[0] for address in made] == ["127.0.0.1"]


def test_allowed_addresses_are_taken_and_others_of_the_same_name_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200), "127.0.0.2") as site:
            monkeypatch.setattr(socket, "getaddrinfo", resolver("::1", "10.0.0.1", "127.0.0.2"))
            async with Fetcher(policy(allow=parse_allow("127.0.0.2/32"))) as fetcher:
                await fetcher.fetch(Ask(f"http://localhost:{site.port}/"))

    with connects.recorded() as made:
        asyncio.run(scenario())
    assert [address[0] for address in made] == ["127.0.0.2"]


def test_an_allow_list_opens_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver("127.0.0.1"))
    allow = parse_allow("127.0.0.2/32, intranet.example:8080")
    for url in (
        "http://127.0.0.1/",
        "http://blog/",
        "http://blog.example/",
        "http://intranet.example/",
        "http://intranet.example:8081/",
        "http://name.onion/",
        "http://user@intranet.example:8080/",
    ):
        with connects.recorded() as made:
            error = asyncio.run(fetch_error(url, allow=allow))
        assert (error.code, made) == ("refused-address", []), url


def test_a_public_site_at_an_odd_port_stays_refused_with_an_allow_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver("93.184.216.34"))
    with connects.recorded() as made:
        error = asyncio.run(fetch_error("http://blog.example:8080/"))
    assert (error.code, made) == ("refused-address", [])


@pytest.mark.parametrize("name", ["intranet.example", "wiki"])
def test_a_name_and_port_can_be_allowed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with serving(lambda _: response(200)) as site:
            monkeypatch.setattr(socket, "getaddrinfo", resolver("127.0.0.1"))
            allow = parse_allow(f"{name}:{site.port}")
            async with Fetcher(policy(allow=allow)) as fetcher:
                await fetcher.fetch(Ask(f"http://{name}:{site.port}/"))
                # Contract: by any host name that resolves there, or by its address.
                await fetcher.fetch(Ask(f"http://other.example:{site.port}/"))
                await fetcher.fetch(Ask(f"http://127.0.0.1:{site.port}/"))
            assert len(site.requests) == 3

    asyncio.run(scenario())


def test_parse_allow() -> None:
    allow = parse_allow(" 10.0.0.0/8, 192.168.1.7/24 ,::1, 127.0.0.1:8080,[fd00::1]:81,Wiki.:99,")
    address = ipaddress.ip_address
    assert allow.has(address("10.1.2.3"), 22)
    assert allow.has(address("192.168.1.1"), 80)
    assert allow.has(address("::1"), 80)
    assert allow.has(address("127.0.0.1"), 8080)
    assert not allow.has(address("127.0.0.1"), 8081)
    assert allow.has(address("fd00::1"), 81)
    assert not allow.has(address("11.0.0.1"), 80)
    assert not allow.has(address("::ffff:10.0.0.1"), 80)
    assert allow.hosts(99) == {"wiki"}
    assert parse_allow("") == parse_allow(" , ") == AllowList()


@pytest.mark.parametrize(
    "item",
    [
        "localhost",
        "10.0.0.0/33",
        "10.0.0.0/8:80",
        "wiki:0",
        "wiki:70000",
        "wiki:http",
        "wiki:80/path",
        "user@wiki:80",
        "http://wiki:80",
        "127.1:80",
        "*:80",
        ":80",
        "wiki:80?x",
        "wiki:80#x",
    ],
)
def test_parse_allow_names_the_bad_item(item: str) -> None:
    with pytest.raises(ValueError, match="neither a CIDR") as caught:
        parse_allow(f"10.0.0.0/8,{item}")
    assert repr(item) in str(caught.value)


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert asyncio.run(fetch_error("http://blog.example/")).code == "dns"


SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
"""One of each kind that is not the public internet."""


def spellings(text: str) -> list[str]:
    """All that `inet_aton`, IPv6 and IDNA make of an address, or might be taken for it."""
    number = int(ipaddress.IPv4Address(text))
    a, b, c, d = text.split(".")
    quarters = [int(part) for part in (a, b, c, d)]
    high, low = number >> 16, number & 0xFFFF
    wide = str.maketrans("0123456789.", "０１２３４５６７８９。")
    within = [
        f"::ffff:{text}",
        f"::ffff:{high:x}:{low:x}",
        f"0:0:0:0:0:ffff:{text}",
        f"::{text}",
        f"::ffff:0:{text}",
        f"64:ff9b::{text}",
        f"64:ff9b:1::{text}",
        f"2002:{high:x}:{low:x}::1",
        f"2001:0:{high:x}:{low:x}::1",
        f"2001::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}",
        f"2606:4700::5efe:{text}",
        f"fe80::5efe:{text}",
    ]
    return [
        text,
        f"{text}.",
        str(number),
        f"{number}.",
        str(number + 2**32),
        hex(number),
        hex(number).upper(),
        oct(number).replace("o", ""),
        ".".join(map(hex, quarters)),
        ".".join(f"0{part:o}" for part in quarters),
        ".".join(f"000{part:o}" for part in quarters),
        f"{hex(quarters[0])}.{b}.0{quarters[2]:o}.{d}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{low}",
        f"{a}.{hex(number & 0xFFFFFF)}",
        text.translate(wide),
        text.replace(".", "%2e"),
        *(f"[{address}]" for address in within),
    ]


@pytest.mark.parametrize("address", SPECIAL)
def test_no_spelling_of_a_special_address_is_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the resolver makes of it, as the C library's does of short and octal ones."""
    monkeypatch.setattr(socket, "getaddrinfo", resolver(address))

    async def scenario() -> set[tuple[str, str]]:
        told = set()
        async with Fetcher(policy(allow=NOTHING)) as fetcher:
            for spelling in spellings(address):
                for scheme in ("http", "https"):
                    with pytest.raises(CollectError) as caught:
                        await fetcher.fetch(Ask(f"{scheme}://{spelling}/"))
                    told.add((caught.value.code, caught.value.text))
        return told

    with connects.recorded() as made:
        told = asyncio.run(scenario())
    assert (made, told) == ([], {("refused-address", refused().text)})


@pytest.mark.parametrize("address", SPECIAL)
def test_no_name_leads_to_a_special_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    within = [spelling.strip("[]") for spelling in spellings(address) if ":" in spelling]
    for answer in (address, *within):
        monkeypatch.setattr(socket, "getaddrinfo", resolver("93.184.216.34", answer))
        with connects.recorded() as made:
            error = asyncio.run(fetch_error("https://blog.example/", allow=NOTHING))
        assert (error.code, made) == ("refused-address", []), answer
