"""The shapes of the API, for its description (OpenAPI); `documents` makes the values."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Just these fields: what is not described is not sent."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457."""

    type: Annotated[str, Field(examples=["urn:moocfeed:problem:not-found"])]
    title: Annotated[str, Field(examples=["There is nothing at this address"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(examples=["/api/v1/courses lists the courses."])]


class Event(Shape):
    title: Annotated[str, Field(examples=["Expert hangout"])]
    starts_at: datetime
    url: str | None


class Link(Shape):
    title: str
    url: Annotated[str, Field(examples=["https://example.org/reading"])]


class Week(Shape):
    number: Annotated[int, Field(examples=[4])]
    title: Annotated[str, Field(examples=["Social Business Tools"])]
    question: str | None
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    events: list[Event]
    links: list[Link]


class Counts(Shape):
    posts: Annotated[int, Field(examples=[312])]
    sources: Annotated[int, Field(examples=[44])]
    people: Annotated[int, Field(examples=[38])]


class Course(Shape):
    slug: Annotated[str, Field(examples=["e20mooc"])]
    title: Annotated[str, Field(examples=["Enterprise 2.0 MOOC"])]
    hashtags: Annotated[list[str], Field(examples=[["e20mooc"]])]
    language: Annotated[str, Field(examples=["de"])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    homepage: str | None
    imprint: str | None
    privacy: str | None
    weeks: list[Week]
    current_week: Annotated[int | None, Field(examples=[4])]
    counts: Counts
    revision: Annotated[int, Field(examples=[1207])]


class Courses(Shape):
    items: list[Course]


class Author(Shape):
    name: Annotated[str, Field(examples=["A sample participant"])]
    url: str | None
    handle: Annotated[str | None, Field(examples=["@sample@example.social"])]
    avatar_url: str | None
    participant: str | None


class Source(Shape):
    id: Annotated[str, Field(examples=["2k7fq9w3xz"])]
    kind: Annotated[str, Field(examples=["feed"])]
    title: str
    url: str


class Media(Shape):
    url: str
    type: Annotated[str, Field(examples=["image"])]
    alt: str | None
    width: int | None
    height: int | None


class Post(Shape):
    id: Annotated[str, Field(examples=["0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"])]
    course: Annotated[str, Field(examples=["e20mooc"])]
    kind: Literal["blog", "status", "video", "comment"]
    url: Annotated[str, Field(examples=["https://blog.example/2014/10/werkzeuge"])]
    title: str | None
    content_html: str
    excerpt: str
    language: Annotated[str | None, Field(examples=["de"])]
    published_at: datetime
    updated_at: datetime
    first_seen_at: datetime
    author: Author
    sources: list[Source]
    hashtags: Annotated[list[str], Field(examples=[["e20mooc", "tools"]])]
    links: list[str]
    media: list[Media]
    in_reply_to: str | None
    announced_by: list[str]
    responses: int
    week: int | None
    pinned: bool
    sensitive: bool
    content_warning: str | None


class Posts(Shape):
    items: list[Post]
    next: Annotated[str | None, Field(description="The next page, or null at the end.")]
    revision: int


class Change(Shape):
    revision: int
    change: Literal["post", "change", "withdraw"]
    id: str
    post: Post | None


class Changes(Shape):
    revision: Annotated[int, Field(description="Give it as `since` the next time.")]
    more: bool
    changes: list[Change]


class WeekLinks(Shape):
    week: int
    title: str
    links: list[Link]


class SharedLink(Shape):
    url: str
    title: str | None
    people: Annotated[int, Field(description="How many people's posts link there.")]
    posts: int


class Links(Shape):
    curated: list[WeekLinks]
    shared: list[SharedLink]


class Person(Shape):
    id: str
    name: str
    role: Annotated[str, Field(examples=["participant"])]
    posts: int


class People(Shape):
    items: list[Person]


class Step(Shape):
    """One step of the way of a post."""

    name: str = Field(examples=["rule"])
    ok: bool
    finding: str = Field(examples=["it carries none of the course's hashtags"])
    evidence: list[str]
    mend: str | None


class Explanation(Shape):
    """Why something is or is not in the feed, up to the first step that failed."""

    url: str
    shown: bool
    post: str | None
    mend: str | None = Field(description="What to do, in one sentence.")
    steps: list[Step]


class OwnToken(Shape):
    id: str
    name: str


class Me(Shape):
    """Who asks."""

    email: str
    name: str
    role: Literal["admin", "facilitator"]
    courses: list[str] = Field(description="Slugs of all courses they may facilitate.")
    authenticated_by: Literal["session", "token"]
    token: OwnToken | None
    scope: Literal["read", "write"] = Field(description="What this session or token may do.")


class Health(Shape):
    status: Literal["ok"]
