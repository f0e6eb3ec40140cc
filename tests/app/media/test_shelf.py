"""Pictures on disk: whole or not at all, within their limit, and gone with their post."""

import os
import threading
from collections.abc import Collection
from pathlib import Path

import pytest

from app.media.shelf import BRIEF, FRESH, LASTING, USED, Failed, Kept, Owner, Shelf
from tests.pictures import encoded, shades

ADA, BEN = Owner("demo", "post-a"), Owner("demo", "post-b")
NAME = "abcdefghijklmnopqrstuv"
PICTURE = encoded(shades(40, 40), "WEBP")
NOW = 1_800_000_000.0


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "media", limit=10 * len(PICTURE))


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "media").glob("*/*"))


def everybody(course: str, posts: Collection[str]) -> Collection[str]:
    return posts


def test_what_is_put_is_found_in_each_width_by_another_process_too(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert shelf.find(NAME, 640, NOW) is None
    assert shelf.put(NAME, ADA, {640: PICTURE, 1280: PICTURE}, NOW) == 2 * len(PICTURE)
    other = Shelf(tmp_path / "media")
    for width in (640, 1280):
        assert other.find(NAME, width, NOW) == Kept(PICTURE, is_fresh=True)
    assert other.find(NAME, 96, NOW) is None
    assert other.find("another" + NAME, 640, NOW) is None


def test_a_picture_grows_stale_and_its_like_takes_its_place(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(NAME, ADA, {640: PICTURE}, NOW)
    assert shelf.find(NAME, 640, NOW + FRESH) == Kept(PICTURE, is_fresh=False)
    shelf.put(NAME, BEN, {640: PICTURE}, NOW + FRESH)
    assert shelf.find(NAME, 640, NOW + FRESH) == Kept(PICTURE, is_fresh=True)
    assert files(tmp_path) == [f"{NAME}.640.demo.post-b.webp"]


def test_a_failure_is_remembered_as_long_as_its_kind_may_last(shelf: Shelf, tmp_path: Path) -> None:
    for code, lasts in (("timeout", BRIEF), ("http-503", BRIEF), ("not-a-picture", LASTING)):
        shelf.fail(NAME, ADA, (640,), code, NOW)
        assert shelf.find(NAME, 640, NOW + lasts - 1) == Failed(code)
        assert shelf.find(NAME, 640, NOW + lasts) is None
    shelf.put(NAME, BEN, {640: PICTURE}, NOW)
    assert files(tmp_path) == [f"{NAME}.640.demo.post-b.webp"]


def test_what_there_was_outlives_its_source(shelf: Shelf) -> None:
    shelf.put(NAME, ADA, {640: PICTURE}, NOW)
    shelf.fail(NAME, ADA, (640,), "http-404", NOW + FRESH)
    assert shelf.find(NAME, 640, NOW + FRESH) == Kept(PICTURE, is_fresh=True)
    shelf.fail(NAME, ADA, (96,), "http-404", NOW)
    assert shelf.find(NAME, 96, NOW) == Failed("http-404")


def test_what_broke_off_when_the_machine_did_is_not_there(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(NAME, ADA, {640: PICTURE}, NOW)
    (path,) = (tmp_path / "media").glob("*/*")
    path.write_bytes(PICTURE[:-1])
    assert shelf.find(NAME, 640, NOW) is None
    path.write_bytes(b"")
    assert shelf.find(NAME, 640, NOW) is None


def test_what_was_used_longest_ago_makes_room(shelf: Shelf, tmp_path: Path) -> None:
    names = [f"{number:02}{NAME}" for number in range(12)]
    for number, name in enumerate(names):
        shelf.put(name, ADA, {96: PICTURE}, NOW + number)
    shelf.find(names[0], 96, NOW + USED + 100)
    shelf.tidy(everybody, NOW)
    left = [name for name in names if shelf.find(name, 96, NOW) is not None]
    assert left == [names[0], *names[4:]]
    shelf.tidy(everybody, NOW)
    assert len(files(tmp_path)) == len(left)  # within its limit, nothing goes


def test_pictures_go_with_their_post(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put("aa" + NAME, ADA, {96: PICTURE}, NOW)
    shelf.put("bb" + NAME, BEN, {96: PICTURE}, NOW)
    shelf.put("cc" + NAME, Owner("gone", "post-b"), {96: PICTURE}, NOW)
    shelf.fail("dd" + NAME, ADA, (96,), "timeout", NOW)
    asked: dict[str, set[str]] = {}

    def visible(course: str, posts: Collection[str]) -> set[str]:
        asked[course] = set(posts)
        return {"post-b"} if course == "demo" else set()

    shelf.tidy(visible, NOW)
    assert asked == {"demo": {"post-a", "post-b"}, "gone": {"post-b"}}
    assert files(tmp_path) == [f"bb{NAME}.96.demo.post-b.webp"]


def test_drafts_are_taken_away_once_their_writer_has_ended(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(NAME, ADA, {96: PICTURE}, NOW)
    (path,) = (tmp_path / "media").glob("*/*")
    draft, other = path.with_name("0123.draft"), path.with_name("notes.txt")
    for made in (draft, other):
        made.touch()
        os.utime(made, (NOW, NOW))
    shelf.tidy(everybody, NOW)
    assert draft.exists()
    shelf.tidy(everybody, NOW + USED + 1)
    assert not draft.exists()
    assert other.exists()


def test_one_process_tidies_at_a_time(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(NAME, ADA, {96: PICTURE}, NOW)

    def nested(course: str, posts: Collection[str]) -> Collection[str]:
        Shelf(tmp_path / "media").tidy(lambda *_: pytest.fail("two at once"), NOW)
        return posts

    shelf.tidy(nested, NOW)
    shelf.tidy(lambda *_: (), NOW)
    assert files(tmp_path) == []


def test_a_shelf_nobody_has_used_is_tidy(shelf: Shelf, tmp_path: Path) -> None:
    shelf.tidy(everybody, NOW)
    assert not (tmp_path / "media").exists()


def test_readers_never_see_half_a_picture(shelf: Shelf) -> None:
    bodies = [encoded(shades(40 + side, 40), "WEBP") for side in range(5)]
    shelf.put(NAME, ADA, {96: bodies[0]}, NOW)

    def write() -> None:
        for _ in range(30):
            for body in bodies:
                shelf.put(NAME, ADA, {96: body}, NOW)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        found = shelf.find(NAME, 96, NOW)
        assert isinstance(found, Kept)
        assert found.body in bodies
    for writer in writers:
        writer.join()
