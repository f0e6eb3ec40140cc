"""The words of `<course-feed>`, from the pages' catalogues: a third language comes with them."""

from babel import Locale

from app.languages import LANGUAGES
from app.pages.translations import translations

PLAIN = {
    "all": "All posts",
    "blog": "Blog posts",
    "closed": "Sensitive content",
    "empty": "There are no posts yet. Whoever writes something with #%(tag)s shows up here.",
    "failed": "The posts could not be loaded.",
    "fits": "No post fits that.",
    "future": "This week begins on %(day)s.",
    "gone": "This post was taken back",
    "label": "Posts: %(title)s",
    "loading": "The posts are loading",
    "more": "Load more",
    "next": "Next post",
    "pause": "Pause",
    "picture": "Picture",
    "play": "Go on",
    "qr": "QR code with the address %(url)s",
    "reply": "In reply to another post",
    "retry": "Try again",
    "search": "Search",
    "searched": "Search the posts",
    "show": "Show picture",
    "status": "Short posts",
    "unknown": "There is no such course here.",
    "video": "Videos",
    "watch": "Media",
    "whole": "Whole post",
}
"""Key in the module -> message."""
NUMBERED = {
    "fresh": ("%(num)s new post", "%(num)s new posts"),
    "found": ("%(num)s post", "%(num)s posts"),
    "responses": ("%(num)s response", "%(num)s responses"),
}
"""Key in the module -> message in singular and plural."""


def words() -> dict[str, dict[str, str | dict[str, str]]]:
    """Language -> key -> text; of numbered messages, the texts by plural category (`one`, …)."""
    return {language: _words(language) for language in LANGUAGES}


def _words(language: str) -> dict[str, str | dict[str, str]]:
    catalog = translations(language)
    category = Locale.parse(language).plural_form
    numbered: dict[str, str | dict[str, str]] = {
        # CLDR's categories all occur below 200; the module picks one by `Intl.PluralRules`.
        key: {category(number): catalog.ngettext(*messages, number) for number in range(200)}
        for key, messages in NUMBERED.items()
    }
    return numbered | {key: catalog.gettext(message) for key, message in PLAIN.items()}
