"""What an editor pastes into a homepage, for each way there is."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from app.languages import LANGUAGES
from app.pages.look import CURRENT, Look
from models.domain.course import Course

COMPONENT = "/embed/v1/course-feed.js"
SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"
"""No origin, no cookies, no storage, no way to lead the page away that it stands on; links open in
a tab of their own.
"""
HEIGHT = 600


@dataclass(frozen=True, slots=True)
class Snippets:
    """Text to be pasted as it is."""

    wordpress: str
    """An address, for a line of its own: WordPress asks it for its oEmbed."""
    html: str
    iframe: str
    rss: str
    """A feed's address, for a block that shows feeds."""

    def document(self) -> dict[str, str]:
        return asdict(self)


def snippets(public_url: str, course: Course, look: Look) -> Snippets:
    """For one course, with these attributes."""
    return Snippets(
        wordpress=f"{public_url}{_address(course, look)}",
        html=_component(public_url, course, look),
        iframe=frame(f"{public_url}{look.address(course)}", course.title, "100%", HEIGHT),
        rss=f"{public_url}{_feed(course, look)}",
    )


def frame(address: str, title: str, width: str | int, height: int) -> str:
    """An `iframe`."""
    return Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}" sandbox="{}" loading="lazy"'
        ' frameborder="0"></iframe>'
    ).format(address, title, width, height, SANDBOX)


def _address(course: Course, look: Look) -> str:
    """The page that people should see where nothing is embedded, if there is one of just that."""
    given = look.given()
    if not given:
        return f"/{course.slug}"
    if given.keys() == {"week"} and look.week != CURRENT:
        return f"/{course.slug}/weeks/{look.week}"
    return look.address(course)


def _component(public_url: str, course: Course, look: Look) -> str:
    course_language = course.language if course.language in LANGUAGES else "de"
    given = {"lang": course_language} | look.given()
    flags = {name for name in ("live", "search") if given.pop(name, None)}
    attributes = Markup("").join(
        [
            *(Markup(' {}="{}"').format(*pair) for pair in given.items()),
            *(Markup(" {}").format(name) for name in sorted(flags)),
        ]
    )
    return Markup(
        '<script type="module" src="{0}{1}"></script>\n'
        '<course-feed src="{0}/api/v1/courses/{2}"{3}><a href="{0}/{2}">{4}</a></course-feed>'
    ).format(public_url, COMPONENT, course.slug, attributes, course.title)


def _feed(course: Course, look: Look) -> str:
    week = None if look.week == CURRENT else look.week
    limit = look.limit if "limit" in look.given() else None
    asked = {"week": week, "source": look.sources, "limit": limit}
    query = urlencode(sorted((key, value) for key, value in asked.items() if value is not None))
    return f"/{course.slug}/feed.rss{'?' if query else ''}{query}"
