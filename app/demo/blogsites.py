"""The sample blogs: homepage, posts, feed and pictures of one site."""

from collections.abc import Iterable, Mapping
from html import escape

from app.demo import markup, pages, pictures
from app.demo.entries import Channel, FeedEntry
from app.demo.formats import write
from app.demo.loopback import Request, Response
from app.demo.material import Blog
from app.demo.posts import SamplePost
from app.demo.stock import Stock

PLANET = "planet"
PLANET_FEED = "/atom.xml"
PLANET_OF = ("ada", "bruno", "fay")
"""The blogs that the sample's planet collects: their posts are in the course twice."""
_TYPES = {
    "jsonfeed": "application/feed+json",
    "blogger": "application/atom+xml",
    "atom03": "application/atom+xml",
    "rdf": "application/rdf+xml",
}


def answer(site: str, request: Request, stock: Stock) -> Response:
    """What a blog says to a request."""
    blog, path = stock.blogs[site], request.target.path
    posts, modified = stock.of_blog(site), stock.changed_at(site) or pages.OPENED
    feed = stock.addresses.feed(site)
    if stock.addresses.origins[site] + path == feed:
        listed = [post for post in posts if post.tagged or blog.platform != "tagfeed"]
        entries = [_entry(post, blog, stock) for post in listed]
        document = write(blog.platform, _channel(blog, feed, stock), entries)
        return Response(document.body, document.content_type, modified=modified)
    if path == "/":
        return _home(blog, posts, stock)
    if path.startswith("/bilder/") and path.endswith(".png"):
        return picture(path)
    for post in posts:
        if stock.addresses.path(post) == path or f"p={_id(post, stock)}" == request.target.query:
            article = _article(post, blog, stock)
            return pages.page(post.title or "", article, language=post.language, modified=modified)
    return pages.missing()


def planet(request: Request, stock: Stock) -> Response:
    """A site that takes over the posts of several blogs, each with its own id and address."""
    origin = stock.addresses.origins[PLANET]
    if request.target.path == "/":
        return pages.page("Planet (Beispiel)", f'<p><a href="{PLANET_FEED}">Feed</a></p>')
    if request.target.path != PLANET_FEED:
        return pages.missing()
    posts = [post for site in PLANET_OF for post in stock.of_blog(site)]
    entries = [
        _entry(post, stock.blogs[post.site], stock, taken_over=True)
        for post in sorted(posts, key=lambda post: post.at, reverse=True)
    ]
    channel = Channel("Planet (Beispiel)", f"{origin}/", origin + PLANET_FEED, "de", "")
    document = write("blogger", channel, entries)
    changes = [stock.changed_at(site) for site in PLANET_OF]
    modified = max((at for at in changes if at is not None), default=pages.OPENED)
    return Response(document.body, document.content_type, modified=modified)


def picture(path: str) -> Response:
    """The picture at `/bilder/{key}.png`."""
    body = pictures.bars(path.removeprefix("/bilder/").removesuffix(".png"))
    return Response(body, "image/png", modified=pages.OPENED)


def _channel(blog: Blog, feed: str, stock: Stock) -> Channel:
    home = stock.addresses.origins[blog.site] + "/"
    return Channel(blog.title, home, feed, blog.language, blog.writer)


def _id(post: SamplePost, stock: Stock) -> str:
    return stock.addresses.uid(post).rpartition("/?p=")[2]


def _entry(post: SamplePost, blog: Blog, stock: Stock, *, taken_over: bool = False) -> FeedEntry:
    in_title = post.tagged and blog.tagging == "title"
    in_category = post.tagged and blog.tagging == "category"
    return FeedEntry(
        uid=stock.addresses.uid(post),
        url=stock.addresses.url(post),
        title=f"{post.title} #{stock.tag}" if in_title else post.title or "",
        html=_prose(post, blog, stock),
        summary=_summary(post, stock),
        at=post.at,
        updated=post.edited_at or post.at,
        author=post.author,
        categories=((stock.tag, *post.tags) if in_category else post.tags),
        language=post.language,
        source=(stock.addresses.feed(post.site), blog.title) if taken_over else None,
    )


def _prose(post: SamplePost, blog: Blog, stock: Stock) -> str:
    parts = [markup.blog_html(post.text, stock.link)]
    if post.picture:
        source = f"{stock.addresses.origins[post.site]}/bilder/{post.key}.png"
        parts.append(
            f'<figure><img src="{source}" alt="{escape(post.picture)}"'
            f' width="{pictures.WIDTH}" height="{pictures.HEIGHT}">'
            f"<figcaption>{escape(post.picture)}</figcaption></figure>"
        )
    if post.tagged and blog.tagging == "text":
        parts.append(f"<p>#{stock.tag}</p>")
    return "\n".join(parts)


def _summary(post: SamplePost, stock: Stock) -> str:
    words = markup.plain(post.text, stock.link).split()
    return " ".join(words[:30]) + (" …" if len(words) > 30 else "")


def _home(blog: Blog, posts: Iterable[SamplePost], stock: Stock) -> Response:
    items = "".join(
        f'<li><a href="{stock.addresses.path(post)}">{escape(post.title or "")}</a>'
        f"<br><small>{post.at:%d.%m.%Y}</small></li>"
        for post in posts
    )
    head, anchor, headers = _advertised(blog, stock)
    return pages.page(
        blog.title,
        f"<p>{escape(blog.writer)}</p><ul>{items}</ul>{anchor}",
        language=blog.language,
        head=head,
        headers=headers,
        modified=stock.changed_at(blog.site) or pages.OPENED,
    )


def _advertised(blog: Blog, stock: Stock) -> tuple[str, str, Mapping[str, str]]:
    """How the homepage names its feed: in its head, in its body, in a header of the answer."""
    kind = _TYPES.get(blog.platform, "application/rss+xml")
    feed, origin = stock.addresses.feed(blog.site), stock.addresses.origins[blog.site]
    path = feed.removeprefix(origin)
    if blog.advertised == "header":
        return "", "", {"Link": f'<{feed}>; rel="alternate"; type="{kind}"'}
    if blog.advertised == "anchor":
        return "", f'<p><a href="{path}">Abonnieren</a></p>', {}
    head = f'<link rel="alternate" type="{kind}" href="{path}">'
    if blog.platform == "wordpress":  # which names the comments' feed beside it
        comments = f'href="{origin}/comments/feed/" title="Kommentar-Feed"'
        head = f'<link rel="alternate" type="{kind}" {comments}>{head}'
    return head, "", {}


def _article(post: SamplePost, blog: Blog, stock: Stock) -> str:
    names = [stock.tag, *post.tags] if post.tagged else list(post.tags)
    tags = " ".join(f"#{escape(name)}" for name in names)
    return (
        f"<p><small>{escape(post.author)}, {post.at:%d.%m.%Y}</small></p>"
        f"{_prose(post, blog, stock)}<p><small>{tags}</small></p>"
        f'<p><a href="/">{escape(blog.title)}</a></p>'
    )
