"""Markdown to safe HTML: the only place that makes Markup."""

from functools import cache

import nh3
from markupsafe import Markup

from app import late

TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "del",
        "blockquote",
        "code",
        "pre",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "a"),
}
#: A table that is wider than the screen is scrolled by itself, with the keyboard, too.
TABLE, TABLE_END = '<div class="wide-table" role="group" aria-label="表格" tabindex="0"><table>', "</table></div>"


@cache
def _markdown() -> "late.markdown_it.MarkdownIt":
    return late.markdown_it.MarkdownIt("commonmark", {"html": False}).enable("table")


def render(text: str) -> Markup:
    """The text as HTML from an allow-list; links go to http(s) and tel only."""
    return _clean(_markdown().render(text))


def render_with_contents(text: str) -> tuple[Markup, list[tuple[int, str, str]]]:
    """The text with anchors at its headings, and the headings: level, anchor, words.

    The page has a title of its own, so the headings of the text begin below it.
    """
    tokens = _markdown().parse(text)
    shift = 1 if any(token.tag == "h1" for token in tokens) else 0
    contents: list[tuple[int, str, str]] = []
    for number, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            continue
        level = min(int(token.tag[1]) + shift, 4)
        token.tag = f"h{level}"
        if token.type == "heading_open":
            anchor = f"s{len(contents) + 1}"
            token.attrSet("id", anchor)
            contents.append((level, anchor, tokens[number + 1].content))
    return _clean(_markdown().renderer.render(tokens, _markdown().options, {})), contents


def _clean(html: str) -> Markup:
    html = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, **{f"h{level}": {"id"} for level in (2, 3, 4)}},
        url_schemes={"http", "https", "tel"},
        link_rel="noopener noreferrer",
    )
    # A table has no attributes after the cleaning, and what somebody wrote as "<table>" is no tag.
    html = html.replace("<table>", TABLE).replace("</table>", TABLE_END)
    return Markup(html)  # noqa: S704 - cleaned above
