"""The parameters of the combined feed: one reading of them for the API, the feeds and the pages."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.api import cursor as cursors
from app.api import examples
from app.errors import Problem
from models.domain.course import Course
from models.domain.post import Kind
from models.store.feed import Filter, Order
from models.store.rows import CourseRow, Position

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})"
)
_DAY_OR_MOMENT = "a day (2014-10-06) or a time with its zone (2014-10-06T11:00:00Z)"


def _without_controls(text: str) -> str:
    """Others that cannot be seen are pasted along with words, or belong to them."""
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


def _moment_text(text: str) -> str:
    """Checked here, read later: a day begins in the course's own time zone."""
    _read_moment(text, Course("", "", ()))
    return text


def _read_moment(text: str, course: Course) -> datetime:
    try:
        if _DATE.fullmatch(text):
            return course.midnight(date.fromisoformat(text))
        if _MOMENT.fullmatch(text):
            # A plus sign that nobody encoded arrives as a space; only one can be meant.
            return datetime.fromisoformat(text.upper().replace(" ", "T")).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"must be {_DAY_OR_MOMENT}")


Text = Annotated[str, AfterValidator(_without_controls)]
Moment = Annotated[str, AfterValidator(_moment_text)]
Cursor = Annotated[
    Text | None,
    Field(
        max_length=400, description="From `next` of the page before.", examples=[examples.CURSOR]
    ),
]


class Narrowing(BaseModel):
    """What a list of posts can be narrowed to."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        Text | None, Field(max_length=200, description="Full text.", examples=["Werkzeug"])
    ] = None
    kind: Annotated[Kind | None, Field(description="What the posts are.", examples=["blog"])] = None
    source: Annotated[
        Text | None,
        Field(
            max_length=400,
            description="A source's id, or several with commas between.",
            examples=["3jfrw5fdd4"],
        ),
    ] = None
    participant: Annotated[
        Text | None,
        Field(max_length=40, description="A participant's id.", examples=["2vb52tgwf5"]),
    ] = None
    week: Annotated[
        int | None, Field(ge=0, le=10_000, description="A course week.", examples=[4])
    ] = None
    tag: Annotated[
        Text | None, Field(max_length=100, description="A hashtag.", examples=["tools"])
    ] = None
    lang: Annotated[
        Text | None, Field(max_length=20, description="A language code.", examples=["de"])
    ] = None
    since: Annotated[
        Moment | None,
        Field(description=f"From here on: {_DAY_OR_MOMENT}.", examples=["2014-10-06"]),
    ] = None
    until: Annotated[
        Moment | None,
        Field(description=f"Before this: {_DAY_OR_MOMENT}.", examples=["2014-10-13T00:00:00Z"]),
    ] = None
    order: Annotated[Order, Field(description="In what order.")] = Order.NEWEST
    limit: Annotated[int, Field(ge=1, le=100, description="Posts on a page.")] = 20

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        """A form sends its empty fields too."""
        if isinstance(values, dict):
            known = cls.model_fields
            return {name: value for name, value in values.items() if value or name not in known}
        return values

    def filter(self, course: Course) -> Filter:
        """The store's words for it."""
        return Filter(
            q=self.q,
            kind=self.kind.value if self.kind else None,
            source=self.source,
            participant=self.participant,
            week=self.week,
            tag=self.tag.lstrip("#＃") if self.tag else None,
            lang=self.lang.lower() if self.lang else None,
            since=_read_moment(self.since, course) if self.since else None,
            until=_read_moment(self.until, course) if self.until else None,
            order=self.order,
        )

    def given(self) -> dict[str, str]:
        """The parameters that differ from what holds anyway, as they stand in a URL."""
        return {
            name: str(getattr(value, "value", value))
            for name, value in self.model_dump(exclude_defaults=True).items()
            if name != "cursor"
        }


class Paging(Narrowing):
    """A page of a list."""

    cursor: Cursor = None

    def after(self, course: CourseRow, key: bytes, list_name: str = "posts") -> Position | None:
        """Where the page begins. Raises `Problem` for a cursor of another list, or of nobody."""
        if self.cursor is None:
            return None
        try:
            return cursors.decode(self.cursor, self._binding(course, list_name), key)
        except cursors.BadCursor:
            raise Problem(
                "invalid-cursor", "Leave the cursor out and begin with the first page."
            ) from None

    def following(
        self, course: CourseRow, after: Position, key: bytes, list_name: str = "posts"
    ) -> str:
        """The query string of the page after this one, sorted as a document's own address is."""
        token = cursors.encode(after, self._binding(course, list_name), key)
        return urlencode(sorted({**self.given(), "cursor": token}.items()))

    def _binding(self, course: CourseRow, list_name: str) -> str:
        kept = {name: value for name, value in sorted(self.given().items()) if name != "limit"}
        return f"{list_name}\0{course.course.slug}\0{urlencode(kept)}"
