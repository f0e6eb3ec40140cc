"""An ill-formed feed taken to pieces: what is left open must not swallow what follows."""

import re
from collections.abc import Iterator
from itertools import pairwise

_MARKUP = re.compile(r"<!\[CDATA\[|<!--|<(?P<end>/?)(?P<name>(?:\w+:)?[\w-]+)(?P<rest>[^<>]*)")
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
_ROOT = re.compile(r"<((?:\w+:)?(?:rss|feed|RDF))\b[^<>]*>", re.IGNORECASE)

_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)

_ENTRIES = frozenset({"item", "entry"})
_TEXTS = frozenset(
    {"title", "link", "guid", "id", "description", "summary", "content", "encoded", "category"}
    | {"creator", "subject", "pubdate", "published", "updated", "date", "comments", "rights"}
)
_OTHERS = frozenset({"author", "contributor", "enclosure", "thumbnail"})


def entries(text: str) -> list[str]:
    """The text of each entry, from its start to the next one's; none within CDATA or comments."""
    return [text[start:end] for start, end in pairwise([*_starts(text), len(text)])]


def is_whole(entry: str) -> bool:
    """Whether its end is there."""
    return _end(entry) is not None


def head(text: str) -> str:
    """What stands before the first entry, with an end for each text that it leaves open."""
    return _closed(text[: next(iter(_starts(text)), len(text))])


def is_ended(text: str) -> bool:
    """Whether the root's end is there."""
    return _ROOT_END.search(text) is not None


def frame(text: str) -> tuple[str, str]:
    """What stands around the entries of a feed: the root's start and its end."""
    root = _ROOT.search(text)
    if root is None:
        return "", ""
    inner = ("<channel>", "</channel>") if root[1].lower() == "rss" else ("", "")
    return root[0] + inner[0], f"{inner[1]}</{root[1]}>"


def without_rest(entry: str) -> str:
    """An entry up to its own end."""
    return entry[: _end(entry)]


def mended(entry: str) -> str:
    """An entry up to its own end, and with an end for each text that it leaves open."""
    return _closed(without_rest(entry))


def _starts(text: str) -> Iterator[int]:
    for tag in _tags(text):
        if _local(tag) in _ENTRIES and not tag["end"] and text.startswith(">", tag.end()):
            yield tag.start()


def _tags(text: str) -> Iterator[re.Match[str]]:
    """Start and end tags outside of CDATA and comments."""
    unclosed: set[str] = set()
    at = 0
    while markup := _MARKUP.search(text, at):
        at = markup.end()
        if markup["name"]:
            yield markup
        elif markup[0] not in unclosed:
            end = text.find(_ENDS[markup[0]], at)
            if end < 0:  # nor is any that follows: to look for each end takes quadratic time
                unclosed.add(markup[0])
            else:
                at = end


def _local(tag: re.Match[str]) -> str:
    return tag["name"].rpartition(":")[2].lower()


def _end(entry: str) -> int | None:
    ends = (tag.end() + 1 for tag in _tags(entry) if _local(tag) in _ENTRIES and tag["end"])
    return next(ends, None)


def _closed(entry: str) -> str:
    """With an end for each text that runs into the next element of an entry."""
    parts: list[str] = []
    at = 0
    opened = None
    for tag in _tags(entry):
        if opened and _ends_text(tag):
            parts += [entry[at : tag.start()], f"</{opened}>"]
            at = tag.start()
            opened = None
        if tag["end"]:
            opened = None if tag["name"] == opened else opened
        elif _local(tag) in _TEXTS and not tag["rest"].endswith("/"):
            opened = tag["name"]
    return "".join([*parts, entry[at:]])


def _ends_text(tag: re.Match[str]) -> bool:
    """Whether it is surely no markup of a text: an entry's end, or an element of feeds."""
    if tag["end"]:
        return _local(tag) in _ENTRIES
    return ":" in tag["name"] or _local(tag) in _TEXTS or _local(tag) in _OTHERS
