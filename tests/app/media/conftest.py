"""Posts with pictures, a server that has them, and the whole application between."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.media.addresses import avatar, sources
from app.web import create_app
from app.wiring import Services
from models.domain.coursefile import parse
from models.store import applying, courses, erasing, feed
from models.store.feed import Filter
from models.store.rows import FeedPost
from tests.app.conftest import course_text, deliver, made
from tests.pictures import encoded, png_of, shades
from tests.sites import Page, Site, site

KEY = b"a key for tests only"
FEED = "https://ada.example/feed"


@dataclass
class Gallery:
    """A course whose only post shows three pictures."""

    services: Services
    site: Site
    client: TestClient

    def post(self) -> FeedPost:
        with self.services.database.reading() as session:
            course = courses.course(session, "sample")
            return feed.page(session, course, Filter()).posts[0]

    def address(self, path: str = "/one.png", width: int = 640) -> str:
        """Of a picture of the post, as pages have it."""
        srcset = sources(self.post(), f"{self.site.origin}{path}").srcset
        found = dict(part.split(" ")[::-1] for part in srcset.split(", "))
        return found[f"{width}w"]

    def avatar(self) -> str:
        found = avatar(self.post())
        assert found is not None
        return found

    def erase(self) -> None:
        with self.services.database.writing() as session:
            course = courses.course(session, "sample")
            erasing.erase_posts(session, course.id, [self.post().id], datetime.now(UTC))

    def kept(self) -> list[str]:
        folder = self.services.settings.data_dir / "media"
        return sorted(path.name.split(".", 1)[1] for path in folder.glob("*/*.*"))


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with site() as pictures:
        services = made(tmp_path, FETCH_ALLOW=pictures.netloc)
        show(services, pictures)
        pictures.pages["/one.png"] = Page(png_of(2000, 1000), "image/png")
        pictures.pages["/face.jpg"] = Page(encoded(shades(300, 200), "JPEG"), "image/jpeg")
        moving = [Image.new("RGB", (400, 300), colour) for colour in ("red", "blue")]
        body = encoded(moving[0], "GIF", save_all=True, append_images=moving[1:])
        pictures.pages["/two.gif"] = Page(body, "image/gif")
        with TestClient(create_app(services), base_url="http://testserver") as client:
            yield Gallery(services, pictures, client)


def show(services: Services, pictures: Site, *, images: str = "/one.png") -> None:
    """The course with a post whose content and media have pictures; its author has a face."""
    at = datetime.now(UTC).replace(microsecond=0)
    with services.database.writing() as session:
        applying.apply(session, parse(course_text(at)), at)
    item = {
        "id": "https://ada.example/1",
        "url": "https://ada.example/1",
        "title": "Bilder",
        "content_html": f"<p>Sieh</p><img src='{pictures.origin}{images}' alt='Eins'>",
        "date_published": at.isoformat(),
        "tags": ["sample"],
        "authors": [{"name": "Ada (Muster)", "avatar": f"{pictures.origin}/face.jpg"}],
        "attachments": [
            {"url": f"{pictures.origin}/two.gif", "mime_type": "image/gif", "title": "Zwei"},
            {"url": f"{pictures.origin}/film.mp4", "mime_type": "video/mp4"},
        ],
    }
    version = "https://jsonfeed.org/version/1.1"
    body = json.dumps({"version": version, "title": "Blog", "items": [item]}).encode()
    deliver(services, FEED, body, "application/feed+json")
