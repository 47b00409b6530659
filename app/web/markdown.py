"""Markdown to safe HTML: the only place that makes Markup."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "del", "blockquote", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td", "a"),
}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def render(text: str) -> Markup:
    """The text as HTML from an allow-list; links go to http(s) and tel only."""
    html = nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "tel"},
        link_rel="noopener noreferrer",
    )
    return Markup(html)  # noqa: S704 - cleaned above
