"""How an embedded feed looks and what it shows: the attributes of `<course-feed>`, as a query.

The page in an iframe, oEmbed, the configurator and the command `embed-code` all read them here.
"""

from enum import StrEnum
from typing import Annotated, Any, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.api.query import Cursor, Paging, Text
from app.pages.listing import Language
from models.domain.course import Course

CURRENT = "current"
_ON = frozenset({"", "1", "true", "on", "yes"})
_OFF = frozenset({"0", "false", "off", "no"})


class Layout(StrEnum):
    LIST = "list"
    GRID = "grid"
    COMPACT = "compact"
    WALL = "wall"


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Media(StrEnum):
    SHOW = "show"
    CLICK = "click"
    NONE = "none"


def _week(text: str) -> str:
    is_number = text.isascii() and text.isdecimal() and len(text) < 6
    if text != CURRENT and not is_number:
        raise ValueError(f"must be the number of a week, or {CURRENT}")
    return text if text == CURRENT else str(int(text))


def _sources(text: str) -> str:
    """Ids, each once, in any order and with any space between them."""
    ids = dict.fromkeys(filter(None, text.replace(",", " ").split()))
    if not all(each.isascii() and each.isalnum() and len(each) <= 40 for each in ids):
        raise ValueError("must be ids of sources with commas between them")
    return ",".join(sorted(ids))


def _flag(value: Any) -> Any:
    """As in HTML, being there is enough."""
    if isinstance(value, str):
        if value.lower() in _ON | _OFF:
            return value.lower() in _ON
        raise ValueError("must be on or off")
    return value


Week = Annotated[
    Text | None,
    AfterValidator(lambda text: text and _week(text)),
    Field(max_length=20, description="A week's number, or the current one."),
]
Sources = Annotated[
    Text | None,
    AfterValidator(lambda text: text and _sources(text)),
    Field(max_length=400, description="Ids of sources."),
]
Flag = Annotated[bool, BeforeValidator(_flag)]


class Look(BaseModel):
    """The attributes, each with what holds where it is not given."""

    model_config = ConfigDict(extra="forbid")

    week: Week = None
    layout: Layout = Layout.LIST
    sources: Sources = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    lang: Language = None
    theme: Theme = Theme.AUTO
    live: Flag = False
    media: Media = Media.CLICK
    search: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        """A form sends its empty fields too; a flag says by its name alone that it is up."""
        if not isinstance(values, dict):
            return values
        empty = {name for name in cls.model_fields if cls.model_fields[name].annotation is not bool}
        return {name: value for name, value in values.items() if value or name not in empty}

    def given(self) -> dict[str, str]:
        """What differs from what holds anyway, as it stands in an address; flags are `1`."""
        chosen = self.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"})
        return {name: "1" if value is True else str(value) for name, value in chosen.items()}

    def address(self, course: Course, **more: str) -> str:
        """The path of the embedded page with its query; of a list, where it begins."""
        query = urlencode({**self.given(), **more})
        return f"/embed/{course.slug}{'?' if query else ''}{query}"


class EmbedQuery(Look):
    """What the address of the embedded page may hold beside: a search, a place in the list, or the
    one post that is shown.
    """

    q: Annotated[Text | None, Field(max_length=200)] = None
    cursor: Cursor = None
    post: Annotated[Text | None, Field(max_length=40)] = None

    @model_validator(mode="after")
    def _one_or_many(self) -> Self:
        if self.post and (self.q or self.cursor):
            raise ValueError("post: shows one post, which cannot be searched or paged through")
        return self

    def paging(self, current: int | None) -> Paging:
        """The list of the API that is shown; `current` is the number of the present week, whose
        posts are all posts where there is none.
        """
        chosen = None if self.week in {None, CURRENT} else int(self.week or 0)
        week = current if self.week == CURRENT else chosen
        return Paging(
            q=self.q, source=self.sources, week=week, limit=self.limit, cursor=self.cursor
        )
