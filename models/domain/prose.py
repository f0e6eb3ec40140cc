"""What a person wrote: a post's text beside hashtags, links, mentions and what programs add.

It is what likeness is measured by, and what an announcement has next to none of.
"""

import re
import unicodedata
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

LONGEST = 30_000
"""Characters that are looked at: whatever is alike that far is alike."""
MOST_FOOTERS = 5
"""Lines that programs add to one end of a text."""
_END = 300
"""Characters in which a text says that it goes on elsewhere."""

_MORE = (
    r"(?:weiter ?lesen|mehr lesen|hier (?:weiterlesen|geht es weiter)"
    r"|(?:den )?(?:ganzen|vollständigen) (?:artikel|beitrag|text)(?: lesen)?"
    r"|zum (?:ganzen |vollständigen )?(?:artikel|beitrag)|read more|continue reading|keep reading"
    r"|read (?:the )?(?:rest|full|whole)(?: (?:post|story|article|entry))?)"
)
_CUT = re.compile(
    rf"(?:…|\.\.\.|\[…\]|\(…\))[\])]?\s*(?:{_MORE}\b.*)?[\s→»›>]*\Z|(?:\A|\n){_MORE}\b[^.!?\n]*\Z",
    re.IGNORECASE,
)
_THING = r"(?:beitrag|artikel|text|eintrag|blog-?post|blogbeitrag|post|article|entry|piece|story)"
_SEEN = r"(?:erschienen|veröffentlicht|gepostet|gebloggt|published|posted|appeared|blogged)"
_FIRST = r"(?:zuerst|ursprünglich|erstmals|original|originally|first|also|auch|cross)"
_FOOTER = (
    rf"(?:(?:der|dieser|das|the|this) {_THING}\b[^\n]{{0,250}}?"
    r"\b(?:zuerst|ursprünglich|erstmals|originally|appeared first|first (?:appeared|published))\b"
    r"[^\n]{0,150}"
    rf"|{_FIRST}[- ]?{_SEEN}\b[^\n]{{0,120}}"
    r"|cross-?post(?:ed)? (?:von|aus|from|to|at)\b[^\n]{0,100}"
    r"|(?:automatisch )?(?:geteilt|gesendet|sent|shared|posted) (?:mit|über|via)\b[^\n]{0,60}"
    r"|via [@\w.-]{2,40}(?: [\w.-]{1,30})?"
    r"|(?:quelle|source|originalbeitrag|original post|permalink):[^\n]{0,120}"
    r"|(?:kategorien?|schlagw[oö]rte?r?|tags|tagged|filed under|abgelegt unter|veröffentlicht in"
    r"|posted in):?[ \t][^\n]{0,150}"
    r"|(?:teilen mit|share this|gefällt mir|like this|wird geladen|loading)[:.…]{0,3}"
    rf"|{_MORE}\b[^\n]{{0,120}})"
)
_AT_END = re.compile(rf"(?:\A|\n|(?<=[.!?…\])])[ \t]+){_FOOTER}\s*\Z", re.IGNORECASE)
_AT_START = re.compile(rf"\A{_FOOTER}(?:\n|\Z)", re.IGNORECASE)

_ADDRESS = re.compile(
    r"https?://\S+|(?<![\w-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/\S*", re.IGNORECASE
)
_SITE = re.compile(r"\bwww\.\S+")
_TAG = re.compile(r"(?<![\w/&#])#[\w·]+")
_MENTION = re.compile(r"(?<![\w.@])@[\w-]+(?:\.[\w-]+)*(?:@[\w.-]+\w)?")
_WORD = re.compile(r"\w+")
_BLOCK_END = re.compile(
    r"(</(?:p|div|li|h[2-6]|blockquote|tr|td|th|pre|dd|dt|figcaption|figure|ul|ol|table|summary"
    r"|details)>|<br>|<hr>)"
)
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\s*\n\s*")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "'": None, "’": None})


@dataclass(frozen=True, slots=True)
class Prose:
    """A text without what is not its author's words."""

    text: str
    """Lines of visible text as they stand, without tags, links, mentions and footers."""
    words: str
    """The same folded: words with one space between, no case, accents, punctuation, emoji."""
    own_length: int
    """Characters of `text` that are not marked as a quotation."""
    cut: bool
    """It says of itself that it goes on elsewhere."""


def read(content_html: str) -> Prose:
    """The prose of sanitised HTML."""
    tree = LexborHTMLParser(_BLOCK_END.sub(r"\1" + "\n", content_html[: 8 * LONGEST]))
    visible = _visible(tree)
    text = _stripped(_without_footers(visible))
    own_length = len(text)
    if "<blockquote" in content_html or "<q>" in content_html:
        tree.strip_tags(["blockquote", "q"], recursive=True)
        own_length = len(_stripped(_without_footers(_visible(tree))))
    return Prose(text, fold(text), own_length, _CUT.search(_stripped(visible[-_END:])) is not None)


def _visible(tree: LexborHTMLParser) -> str:
    return _tidy(tree.body.text() if tree.body is not None else "")[:LONGEST]


def fold(text: str) -> str:
    """Words of plain text as they are compared: `Größe, 3 Füße!` and `groesse 3 fuesse` are one."""
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLED)
    words = " ".join(_WORD.findall(lowered))
    if words.isascii():
        return words
    parts = unicodedata.normalize("NFD", words)
    return "".join(char for char in parts if not unicodedata.combining(char))


def title_words(title: str | None) -> str:
    """A title as it is compared: folded, without hashtags and addresses."""
    return fold(_stripped(title or ""))


def _stripped(text: str) -> str:
    text = text.replace("＃", "#")
    for sign, pattern in (("/", _ADDRESS), ("www.", _SITE), ("#", _TAG), ("@", _MENTION)):
        if sign in text:
            text = pattern.sub(" ", text)
    return _tidy(text)


def _tidy(text: str) -> str:
    return _GAPS.sub("\n", _SPACES.sub(" ", text)).strip()


def _without_footers(text: str) -> str:
    """Without what programs put before and after a text when they pass it on."""
    for pattern in (_AT_END, _AT_START):
        for _ in range(MOST_FOOTERS):
            shorter = pattern.sub("", text).strip()
            if shorter == text:
                break
            text = shorter
    return text
