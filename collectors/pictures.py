"""What a stranger's picture becomes here: which sizes, asked how, remade where.

Light to import: the decoders are loaded by the parse workers alone.
"""

from collections.abc import Mapping
from typing import Final

from collectors.contract import Ask

AVATAR: Final = 96
"""Pixels of an avatar's side: twice what pages give it."""
WIDTHS: Final = (640, 1280)
"""Pixels that other pictures are wide at the most: a column of text, and twice that."""
SETS: Final[Mapping[int, tuple[int, ...]]] = {
    AVATAR: (AVATAR,),
    **dict.fromkeys(WIDTHS, WIDTHS),
}
"""By width, all that are made of one fetch: its host is not asked again for the other."""
LIMIT: Final = 10 * 1024 * 1024
"""Bytes of a picture that is fetched."""
PRELOAD: Final = ("collectors.remaking",)
"""What workers for `remade` load before the first job."""


def ask(url: str) -> Ask:
    """The request for a picture."""
    accept = "image/webp,image/png,image/jpeg,image/gif,image/avif;q=0.9,image/*;q=0.5"
    return Ask(url, limit=LIMIT, accept=accept, conditional=False)


def remade(body: bytes, widths: tuple[int, ...]) -> Mapping[int, bytes]:
    """`collectors.remaking.remade`, for a worker."""
    from collectors import remaking

    return remaking.remade(body, widths)
