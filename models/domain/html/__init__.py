"""HTML from strangers: made safe, and read for its text, links, hashtags and pictures.

`clean` keeps prose, headings, lists, quotes, tables, code, links and pictures; nothing that styles,
runs, asks or frames. What it returns may be shown on a page as it is. `plain` makes one line of
text of titles, names and tags.
"""

from models.domain.html.profile import PROFILE
from models.domain.html.reading import Clean, picture_urls, visible_text
from models.domain.html.sanitising import clean
from models.domain.html.text import escape_text, excerpt, plain, shortened, strip_controls

__all__ = [
    "PROFILE",
    "Clean",
    "clean",
    "escape_text",
    "excerpt",
    "picture_urls",
    "plain",
    "shortened",
    "strip_controls",
    "visible_text",
]
