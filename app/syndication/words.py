"""The few words of feeds, in the course's language: they come from the pages' catalogues."""

from gettext import NullTranslations

from app.languages import LANGUAGES
from app.pages.translations import translations
from models.domain.course import Course

WEEK = "Week %(number)s"
ABOUT = "Posts with #%(tag)s"
SENSITIVE = "Sensitive content"
MEDIA = {"image": "Picture", "video": "Video", "audio": "Recording"}
"""What a post without words is, by the type of its media."""
FALLBACK = "en"
"""For courses in a language that has no catalogue."""


def words_of(course: Course) -> NullTranslations:
    """The catalogue for the course's language."""
    language = course.language.split("-")[0].lower()
    return translations(language if language in LANGUAGES else FALLBACK)
