"""The style sheets: nothing in them depends on which way a language runs, nor on third parties."""

import re

import pytest

from app.pages import static

PHYSICAL = re.compile(
    r"""(?<![\w-])(
        (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*
        |(?:left|right|top|bottom)(?=\s*:)
        |border-(?:top|bottom)-(?:left|right)-radius
        |(?:min-|max-)?(?:width|height)(?=\s*:)
        |(?:float|clear|text-align|caption-side|resize)\s*:\s*(?:left|right|top|bottom)
    )""",
    re.VERBOSE,
)
SHEETS = [path.name for path in static.HERE.glob("*.css")]


def faults(css: str) -> list[str]:
    """What names a side of the screen. Conditions of media queries know no logical ones."""
    return PHYSICAL.findall(re.sub(r"@media[^{]*\{|/\*.*?\*/", "", css, flags=re.DOTALL))


@pytest.mark.parametrize("sheet", SHEETS)
def test_sides_are_logical(sheet: str) -> None:
    assert faults((static.HERE / sheet).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "css",
    ["a { margin-left: 1px }", "a { right: 0 }", "a { float: left }", "a { max-width: 3em }"],
)
def test_others_would_be_found(css: str) -> None:
    assert faults(css)


@pytest.mark.parametrize("sheet", SHEETS)
def test_nobody_else_is_asked(sheet: str) -> None:
    css = (static.HERE / sheet).read_text("utf-8")
    assert not re.search(r"@import|url\(|https?://", css)
