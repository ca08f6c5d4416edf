"""What a site makes of the HTML of a post, and what a reader sees of it.

Facts: ``wp_kses_post`` (who lacks the right ``unfiltered_html``, as an author does, has tags and
protocols that are not allowed taken out; ``data:`` is none that is), ``wpautop`` (paragraphs around
text that has none) and ``wptexturize`` (typographic quotes and dots) of WordPress.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Final

ALLOWED: Final = re.compile(
    r"a|abbr|article|aside|audio|b|bdo|big|blockquote|br|cite|code|dd|del|details|div|dl|dt|em"
    r"|figcaption|figure|h[1-6]|hr|i|img|ins|kbd|li|main|mark|ol|p|pre|q|s|section|small|span"
    r"|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|track|u|ul|var|video",
    re.I,
)
BLOCK: Final = re.compile(
    r"<(?:p|div|ul|ol|h[1-6]|blockquote|figure|pre|table|section|video|audio|hr)[\s>/]", re.I
)
_TAG: Final = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")


def allowed(content: str) -> str:
    """The content as an author may have it."""

    def kept(found: re.Match[str]) -> str:
        if not ALLOWED.fullmatch(found[1]):
            return ""
        bare = re.sub(r"\son\w+\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", "", found[0])
        return re.sub(r"(src|href)=([\"'])(?:data|javascript):", r"\1=\2", bare, flags=re.I)

    return _TAG.sub(kept, content)


def rendered(content: str) -> str:
    """The content as the page shows it."""
    if content.strip() and not BLOCK.search(content):
        paragraphs = re.split(r"\n\s*\n", content.strip())
        content = "\n".join(f"<p>{one}</p>".replace("\n", "<br />\n") for one in paragraphs)
    return _outside_tags(content) + ("\n" if content else "")


def shown_title(title: str) -> str:
    """A title as the page shows it."""
    return _outside_tags(title)


def _outside_tags(content: str) -> str:
    parts = re.split(r"(<[^>]*>)", content)
    return "".join(one if one.startswith("<") else _typographic(one) for one in parts)


def _typographic(text: str) -> str:
    text = text.replace("...", "&#8230;").replace(" -- ", " &#8212; ").replace(" - ", " &#8211; ")
    text = re.sub(r"(^|[\s(])\"", r"\1&#8220;", text).replace('"', "&#8221;")
    return re.sub(r"(^|[\s(])'", r"\1&#8216;", text).replace("'", "&#8217;")


def plain(content: str) -> str:
    """What a reader reads: paragraphs and lines, without tags."""
    text = re.sub(r"\s*\n\s*", " ", content) if BLOCK.search(content) else content
    text = re.sub(r"<br\s*/?>\s*", "\n", text, flags=re.I)
    text = re.sub(r"</(p|h[1-6]|blockquote|ul|ol|figure|div)>\s*", "\n\n", text, flags=re.I)
    text = re.sub(r"</li>\s*", "\n", text, flags=re.I)
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()


class _Files(HTMLParser):
    def __init__(self, links: bool) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._links = links

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        address = named.get("src") or (named.get("href") if tag == "a" and self._links else "")
        if address:
            self.found.append((address, named.get("alt", named.get("aria-label", ""))))


def files(content: str, *, links: bool = True) -> list[tuple[str, str]]:
    """The address of each file that the content shows or (``links``) links to, and the text for
    those who cannot see it."""
    parser = _Files(links)
    parser.feed(content)
    parser.close()
    return parser.found
