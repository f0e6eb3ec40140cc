"""Why something is or is not in a course's feed: from what is kept, and by a look at it."""

from dataclasses import replace

from app.registering import Registration, Unusable, preview
from app.wiring import Services
from collectors.preview import Preview
from models.domain.course import Course
from models.domain.errors import Invalid
from models.domain.explain import Explanation, Step, explain, tag_mend
from models.domain.links import canonical
from models.domain.post import Post, Unmatched
from models.store import courses, evidence


def explained(services: Services, slug: str, url: str, *, look: bool) -> Explanation:
    """The explanation; with `look`, the address itself is asked where nothing kept explains it.

    Raises `NotFound` for an unknown course.
    """
    with services.database.reading() as session:
        course = courses.plain_course(session, slug)
        found = explain(evidence.facts(session, course, url))
    if not look or found.shown or not _is_open(found):
        return found
    return replace(found, steps=(*found.steps, _look(services, course.course, url)))


def _is_open(found: Explanation) -> bool:
    """Whether the way ended before anything of the post itself was seen."""
    return found.steps[-1].name in {"source", "fetch", "entry"}


def _look(services: Services, course: Course, url: str) -> Step:
    try:
        seen = preview(services, Registration(url), [course])
    except (Unusable, Invalid) as error:
        return Step("look", False, "the address itself says nothing usable", (str(error),))
    entry = next((one for one in seen.read if canonical(one.url or "") == canonical(url)), None)
    if entry is None:
        return _feed_there(seen, course)
    read_from = f"read from {seen.feed_url}"
    if isinstance(entry, Post):
        return Step("look", True, "its feed lists it, with the hashtag", (read_from,))
    return _without_tag(entry, course, read_from)


def _feed_there(seen: Preview, course: Course) -> Step:
    evidence_ = (f"read from {seen.feed_url}", f"{seen.entries} entries")
    if seen.matching:
        finding = f"a feed was found there; {seen.matching} of its entries carry the hashtag"
        return Step("look", True, finding, evidence_)
    finding = f"a feed was found there; none of its entries carries #{course.hashtags[0]}"
    return Step("look", False, finding, evidence_, mend=tag_mend(course.hashtags, ()))


def _without_tag(entry: Unmatched, course: Course, read_from: str) -> Step:
    found = ", ".join(f"#{tag}" for tag in entry.hashtags) or "none"
    return Step(
        "look",
        False,
        f"its feed lists it, without #{course.hashtags[0]}",
        (read_from, f"hashtags found: {found}"),
        mend=tag_mend(course.hashtags, entry.hashtags),
    )
