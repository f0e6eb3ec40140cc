"""What happens to feeds on their way: damage of kinds that are usual, to feeds that were well."""

import re
from collections.abc import Callable
from random import Random

from tests.collectors.feeds import random_feeds

_TEXT = re.compile(rb">([^<>]{3,})<")
_END_TAG = re.compile(rb"</(?:title|description|category|guid|link|name|content|summary)>")
_START_TAG = re.compile(rb"<(?:item|entry|title|description|content|guid|id)\b")

_ENTRY = re.compile(rb"<(?:item|entry)\b")
_NAME = re.compile(rb"<(?:guid|id|title)\b")
_ENTRY_END = re.compile(rb"</(?:item|entry)>")

Damage = Callable[[Random, bytes], bytes]


def feed(random: Random) -> bytes:
    """A feed made at random, damaged once to three times."""
    body = random_feeds.feed(random)
    for damage in random.sample(DAMAGES, random.randrange(1, 4)):
        body = damage(random, body)
    return body


def has_whole_entry(body: bytes) -> bool:
    """Whether there is an entry that has an end, and a name of its own."""
    return any(_NAME.search(piece) and _ENTRY_END.search(piece) for piece in _ENTRY.split(body)[1:])


def is_cut_off(body: bytes) -> bool:
    """Whether the last entry has no end."""
    pieces = _ENTRY.split(body)
    return len(pieces) > 1 and not _ENTRY_END.search(pieces[-1])


def _inserted(piece: bytes) -> Damage:
    """The piece within some text, at a place between characters."""

    def damage(random: Random, body: bytes) -> bytes:
        texts = list(_TEXT.finditer(body))
        if not texts:
            return body
        text = random.choice(texts)
        place = random.randrange(text.start(1), text.end(1) + 1)
        while place < text.end(1) and body[place] & 0xC0 == 0x80:
            place += 1
        return body[:place] + piece + body[place:]

    return damage


def _without_an_end_tag(random: Random, body: bytes) -> bytes:
    tags = list(_END_TAG.finditer(body))
    if not tags:
        return body
    tag = random.choice(tags)
    return body[: tag.start()] + body[tag.end() :]


def _with_an_end_tag_more(random: Random, body: bytes) -> bytes:
    tags = list(_END_TAG.finditer(body))
    if not tags:
        return body
    tag = random.choice(tags)
    return body[: tag.end()] + tag[0] + body[tag.end() :]


def _with_a_double_attribute(random: Random, body: bytes) -> bytes:
    tags = list(_START_TAG.finditer(body))
    if not tags:
        return body
    tag = random.choice(tags)
    return body[: tag.end()] + b' class="a" class="b"' + body[tag.end() :]


def _cut_off(random: Random, body: bytes) -> bytes:
    return body[: len(body) * random.randrange(30, 100) // 100]


def _without_namespaces(random: Random, body: bytes) -> bytes:
    return re.sub(rb' xmlns:\w+="[^"]*"', b"", body)


def _in_another_encoding(random: Random, body: bytes) -> bytes:
    return body.decode("utf-8", "replace").encode("cp1252", "xmlcharrefreplace")


def _after_a_warning(random: Random, body: bytes) -> bytes:
    return b"Warning: deprecated in line 7\n" + body


def _before_a_warning(random: Random, body: bytes) -> bytes:
    return body + b"\n<b>Fatal error</b>: memory in line 7"


def _after_white_space(random: Random, body: bytes) -> bytes:
    return b"\r\n\n " + body


DAMAGES: tuple[Damage, ...] = (
    _inserted(b"&nbsp;"),
    _inserted(b" & "),
    _inserted(b"&#xD83D;"),
    _inserted(b"&#99999999999;"),
    _inserted(b"\x0b"),
    _inserted(b"\xff"),
    _inserted(b" < "),
    _inserted(b"<br>"),
    _inserted(b"<own:b>"),
    _without_an_end_tag,
    _with_an_end_tag_more,
    _with_a_double_attribute,
    _cut_off,
    _without_namespaces,
    _in_another_encoding,
    _after_a_warning,
    _before_a_warning,
    _after_white_space,
)
