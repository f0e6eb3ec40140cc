"""Which statuses only announce a post."""

import pytest

from models.domain.announce import Announced, Announcement, announces, pages, target

URL = "https://ada.example/treppe/"
OWNERS = {URL: "treppe", "https://ada.example/aufzug/": "aufzug"}
POST = Announced(
    "Die Treppe als soziales Netz",
    "<p>In unserem Haus gibt es einen Aufzug und eine Treppe. Wer den Aufzug nimmt, ist schneller"
    " oben. Wer die Treppe nimmt, trifft im Durchschnitt zwei Menschen und bleibt mit einem davon"
    " stehen. Ich habe das im letzten Monat gezählt, auf einem Zettel neben dem Telefon.</p>",
)
OWN = "Ich widerspreche der These aus dem Video, denn ein Netz wird nicht dadurch lebendig. " * 3


def _status(*links: str, text: str = "Neu im Blog", **more: object) -> Announcement:
    values: dict[str, object] = {"mentions": (), "hashtags": ("sample",), "is_reply": False} | more
    return Announcement(f"<p>{text}</p>", links, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ([URL], "treppe"),
        ([URL, URL], "treppe"),
        ([URL, "https://ada.example/"], "treppe"),
        ([URL, "https://social.example/tags/sample"], "treppe"),
        ([URL, "https://social.example/tags/S%C3%A4mple"], "treppe"),
        ([URL, "https://bit.ly/3abc"], "treppe"),
        ([URL, "https://social.example/@ben"], "treppe"),
        ([URL, "https://ada.example/aufzug/"], None),
        ([URL, "https://ben.example/anderes/"], None),
        ([URL, "https://social.example/tags/other"], None),
        (["https://ben.example/anderes/"], None),
        ([], None),
    ],
)
def test_all_addresses_lead_to_one_post(links: list[str], found: str | None) -> None:
    status = _status(*links, mentions=("https://social.example/@ben",))
    assert target(status, OWNERS) == found


def test_a_reply_announces_nothing() -> None:
    assert target(_status(URL, is_reply=True), OWNERS) is None


def test_pages_keep_their_order() -> None:
    assert pages(_status("https://b.example/1", URL)) == ["https://b.example/1", URL]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        (f"Neuer Beitrag: {POST.title}", True),
        (OWN[:150], True),
        (OWN, False),
        (f"{POST.title}. {OWN[:190]}", True),
        (f"{POST.title}: {POST.content_html[3:230]}… #sample", True),
        (f"{POST.content_html[3:280]} {OWN}", False),
        ("#sample " * 40, True),
    ],
)
def test_own_words_count_beyond_title_and_quotation(text: str, found: bool) -> None:
    assert announces(_status(URL, text=text), POST) is found


def test_a_post_without_title_or_text() -> None:
    assert announces(_status(URL), Announced(None, ""))
    assert not announces(_status(URL, text=OWN), Announced(None, ""))
