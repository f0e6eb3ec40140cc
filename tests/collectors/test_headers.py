from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.headers import (
    LONGEST,
    Validators,
    fresh_for,
    joined,
    rest_for,
    retry_after,
    scarce_for,
    validators_of,
)

NOW = datetime(2015, 3, 2, 10, 0, 0, tzinfo=UTC)
IN_A_MINUTE = "Mon, 02 Mar 2015 10:01:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": IN_A_MINUTE}, 60),
        ({"retry-after": "Monday, 02-Mar-15 10:01:00 GMT"}, 60),
        ({"retry-after": "Mon, 02 Mar 2015 09:59:00 GMT"}, 0),
        # Between two clocks the server's own counts.
        ({"retry-after": IN_A_MINUTE, "date": "Mon, 02 Mar 2015 10:00:30 GMT"}, 30),
        ({"retry-after": "9" * 20}, LONGEST),
        ({"retry-after": "120", "x-ratelimit-reset": "2015-03-02T10:05:00Z"}, 120),
        ({"x-ratelimit-reset": "2015-03-02T10:05:00.123456Z"}, 300.123456),
        ({"x-ratelimit-reset": "2015-03-02T10:05:00"}, 300),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": "45"}, 45),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": "45", "date": "Mon, 02 Mar 2015 11:00:00 GMT"}, 45),
        (
            {"x-ratelimit-reset": "2015-03-02T11:00:30Z", "date": "Mon, 02 Mar 2015 11:00:00 GMT"},
            30,
        ),
        ({"retry-after": "soon", "x-ratelimit-reset": "45"}, 45),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"x-ratelimit-reset": "9" * 20}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("remaining", "seconds"),
    [("0", 45), (" 0 ", 45), ("1", None), ("-1", None), ("", None), ("none", None)],
)
def test_the_last_request_that_is_allowed(remaining: str, seconds: float | None) -> None:
    headers = {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": "2015-03-02T10:00:45.000Z"}
    assert rest_for(headers, NOW) == seconds
    assert rest_for({"x-ratelimit-remaining": remaining}, NOW) is None


@pytest.mark.parametrize("prefix", ["x-ratelimit", "x-rate-limit", "ratelimit"])
@pytest.mark.parametrize(
    ("limit", "left", "seconds"),
    [
        ("300", "31", None),
        ("300", "30", 45),
        ("300", "0", 45),
        ("300", "many", None),
        ("", "1", None),
    ],
)
def test_the_last_tenth_of_what_is_allowed(
    prefix: str, limit: str, left: str, seconds: float | None
) -> None:
    headers = {f"{prefix}-limit": limit, f"{prefix}-remaining": left}
    assert scarce_for({**headers, f"{prefix}-reset": "2015-03-02T10:00:45Z"}, NOW) == seconds
    assert scarce_for(headers, NOW) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": 'Max-Age="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "1000"}, 0),
        ({"cache-control": "max-age=600", "expires": "0"}, 600),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "no-cachet"}, None),
        ({"cache-control": "s-maxage=5"}, None),
        ({"cache-control": "max-age=x"}, None),
        ({"expires": IN_A_MINUTE}, 60),
        ({"expires": IN_A_MINUTE, "date": IN_A_MINUTE}, 0),
        ({"expires": "-1"}, 0),
        ({"cache-control": "max-age=" + "9" * 20}, LONGEST),
        ({}, None),
    ],
)
def test_fresh_for(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_for(headers, NOW) == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_value_is_too_odd(one: str, other: str) -> None:
    waits = [
        retry_after({"retry-after": one, "x-ratelimit-reset": other, "date": other}, NOW),
        rest_for({"x-ratelimit-remaining": "0", "x-ratelimit-reset": one, "date": other}, NOW),
        scarce_for({"ratelimit-remaining": one, "ratelimit-limit": other}, NOW),
        scarce_for(
            {"ratelimit-remaining": "0", "ratelimit-limit": "9", "ratelimit-reset": one}, NOW
        ),
        fresh_for({"cache-control": one, "expires": other, "date": one, "age": other}, NOW),
        fresh_for({"expires": other, "date": one}, NOW),
    ]
    assert all(wait is None or 0 <= wait <= LONGEST for wait in waits)


@given(st.binary(max_size=60))
def test_validators_are_sent_as_they_came_or_not_at_all(raw: bytes) -> None:
    kept = validators_of(joined([(b"ETag", raw), (b"LAST-modified", raw)]))
    sent = dict(kept.headers())
    assert set(sent.values()) <= {raw}
    printable = bool(raw) and all(byte >= 0x21 and byte != 0x7F for byte in raw)
    assert len(sent) == 2 or not printable


@pytest.mark.parametrize("value", ["a\r\nX: y", "", "x" * 1025, " a", "a ", "a\0", "€"])
def test_validators_that_cannot_have_come_in_a_header_are_left_out(value: str) -> None:
    assert Validators(etag=value, last_modified=value).headers() == []


def test_validators_fall_back_one_by_one() -> None:
    sent = Validators(etag='W/"a"', last_modified="Mon")
    assert validators_of({"etag": '"b"'}, sent) == Validators('"b"', "Mon")
    assert validators_of({"etag": "x" * 1025}) == Validators()
    assert not Validators()
    assert sent


def test_headers_of_one_name_are_joined() -> None:
    raw = [(b"Link", b"<a>"), (b"ETag", b'"\xfc"'), (b"link", b"<b>")]
    assert joined(raw) == {"link": "<a>, <b>", "etag": '"ü"'}
