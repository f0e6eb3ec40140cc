"""The pages' words: each has its translation, and no translation is left over."""

from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from app.embed.words import NUMBERED, PLAIN
from app.languages import LANGUAGES
from app.pages import dates
from app.pages.render import TEMPLATES, environment
from app.pages.translations import LOCALES, translations
from app.syndication import words as feeds
from models.domain.course import Course


def words() -> Iterator[str]:
    """What templates and code ask for; of numbered words, the singular."""
    yield "Picture"
    yield from (feeds.WEEK, feeds.ABOUT, feeds.SENSITIVE, *feeds.MEDIA.values())
    yield from PLAIN.values()
    yield from (singular for singular, _ in NUMBERED.values())
    extract = environment("en").extract_translations  # type: ignore[attr-defined]
    for template in TEMPLATES.glob("*.html"):
        for _, _, message in extract(template.read_text(encoding="utf-8")):
            yield message if isinstance(message, str) else message[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_and_templates_have_the_same_words(language: str) -> None:
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and message.string and all(message.string)
    }
    assert translated == set(words())
    for message in catalog:
        assert not list(message.check(catalog)), message.id  # the same names of values in both


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_hours_are_known_in_every_language(language: str) -> None:
    when = (dates.DAY, dates.DAY_OF_MONTH, dates.WEEKDAY, dates.MOMENT, dates.HOUR)
    for patterns in (dates.LOCALES, *when):
        assert language in patterns


def test_english_is_english_and_german_is_german() -> None:
    assert translations("en").gettext("Load more") == "Load more"
    assert translations("de").gettext("Load more") == "Mehr laden"
    assert translations("de").ngettext("%(num)s post", "%(num)s posts", 1) == "%(num)s Beitrag"
    assert translations("de").ngettext("%(num)s post", "%(num)s posts", 0) == "%(num)s Beiträge"


def test_what_a_course_says_runs_its_own_way() -> None:
    own = environment("de").filters["own"]
    assert own(Course("a", "Kurs", ("a",), language="de"), "de") == ""
    assert own(Course("a", "Course", ("a",), language="en"), "de") == ' lang="en"'
    assert own(Course("a", "دورة", ("a",), language="ar"), "de") == ' lang="ar" dir="rtl"'
    assert own(Course("a", "?", ("a",), language="zz-unknown"), "de").endswith(' dir="auto"')
