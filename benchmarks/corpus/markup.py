"""The HTML that platforms make of prose: their wrappers, classes, pictures and leftovers."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

Dress = Callable[[Random, Sequence[str], str], str]
"""(random, paragraphs of HTML, the post's address) -> the body as that platform publishes it."""


def dressed(platform: str, random: Random, paragraphs: Sequence[str], url: str) -> str:
    """Paragraphs as a platform's feed shows them. Unknown platforms write plain HTML."""
    return _DRESSES.get(platform, _plain)(random, paragraphs, url)


def _plain(random: Random, paragraphs: Sequence[str], url: str) -> str:
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _wordpress(random: Random, paragraphs: Sequence[str], url: str) -> str:
    blocks = [f"\n<p>{paragraph}</p>\n" for paragraph in paragraphs]
    if random.random() < 0.5:
        blocks.insert(random.randrange(len(blocks) + 1), _figure(random, url))
    if len(blocks) > 3 and random.random() < 0.3:
        blocks.insert(2, '\n<h3 class="wp-block-heading">Und weiter</h3>\n')
    blocks.append(f'<p>Der Beitrag erschien zuerst auf <a href="{url}">dieser Seite</a>.</p>')
    return "\n\n".join(blocks)


def _figure(random: Random, url: str) -> str:
    number = random.randrange(100, 9999)
    picture = f"{url}bild-{number}"
    return (
        '\n<figure class="wp-block-image size-large"><img fetchpriority="high" decoding="async"'
        f' width="1024" height="683" src="{picture}-1024x683.jpg" alt="Ein Bild"'
        f' class="wp-image-{number}" srcset="{picture}-1024x683.jpg 1024w,'
        f' {picture}-300x200.jpg 300w, {picture}-768x512.jpg 768w"'
        ' sizes="(max-width: 1024px) 100vw, 1024px" /><figcaption class="wp-element-caption">'
        "Dazu ein Bild</figcaption></figure>\n"
    )


def _blogger(random: Random, paragraphs: Sequence[str], url: str) -> str:
    inner = "<div><br /></div>".join(
        f'<div style="text-align: justify;"><span style="font-family: inherit;">{paragraph}'
        "</span></div>"
        for paragraph in paragraphs
    )
    picture = ""
    if random.random() < 0.5:
        source = f"{url}/s1600/bild{random.randrange(999)}.jpg"
        picture = (
            '<div class="separator" style="clear: both; text-align: center;">'
            f'<a href="{source}" imageanchor="1" style="margin-left: 1em;"><img border="0"'
            f' data-original-height="1200" data-original-width="1600" src="{source}"'
            ' width="320" height="240" /></a></div>'
        )
    return f"{picture}{inner}&nbsp;"


def _ghost(random: Random, paragraphs: Sequence[str], url: str) -> str:
    card = (
        f'<figure class="kg-card kg-image-card"><img src="{url}content/{random.randrange(999)}.png"'
        ' class="kg-image" alt loading="lazy" width="1600" height="900"></figure>'
        if random.random() < 0.4
        else ""
    )
    return card + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _hugo(random: Random, paragraphs: Sequence[str], url: str) -> str:
    blocks = [f"<p>{paragraph}</p>" for paragraph in paragraphs]
    if random.random() < 0.3:
        code = "for each in range(10):\n    print(each)\n"
        blocks.insert(1, f'<pre><code class="language-python">{code}</code></pre>')
    if random.random() < 0.3:
        blocks.append("<ul>\n<li>eins</li>\n<li>zwei</li>\n<li>drei</li>\n</ul>")
    return "\n".join(blocks)


_DRESSES: Mapping[str, Dress] = {
    "wordpress": _wordpress,
    "blogger": _blogger,
    "ghost": _ghost,
    "hugo": _hugo,
}
