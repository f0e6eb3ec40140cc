"""Pages as a reader's program sees them."""

import re

from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient


def parsed(client: TestClient, path: str, language: str = "de") -> LexborHTMLParser:
    """The page at this address, which must be there."""
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def text(tree: LexborHTMLParser, selector: str) -> str:
    """Of the first that is selected, with single spaces."""
    node = tree.css_first(selector)
    assert node is not None, selector
    return re.sub(r"\s+", " ", node.text()).strip()


def attribute(tree: LexborHTMLParser, selector: str, name: str) -> str | None:
    """Of the first that is selected."""
    node = tree.css_first(selector)
    assert node is not None, selector
    return node.attributes[name]


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    """Of all that are selected."""
    return [re.sub(r"\s+", " ", node.text()).strip() for node in tree.css(selector)]


def meta(tree: LexborHTMLParser, name: str) -> str | None:
    """What the page says of itself under this name."""
    node = tree.css_first(f'meta[property="{name}"], meta[name="{name}"]')
    return node.attributes["content"] if node is not None else None
