"""The HTML that a server of this API makes of a plain text.

Paragraphs and line breaks, escaped text, links whose visible text is shortened to 30 characters
after the scheme, and links around hashtags: all that a look-up has to undo when it compares what is
there with what was sent.
"""

from __future__ import annotations

import html
import re
from typing import Final

from relay.testing.fediverse.manners import URL

SHOWN: Final = 30
TAG: Final = re.compile(r"(?<![\w&/])#(\w*[^\W\d]\w*)")


def marked_up(text: str, base: str) -> str:
    """The ``content`` of a status."""
    if not text:
        return ""
    made, at = "", 0
    for found in URL.finditer(text):
        made += _tags(html.escape(text[at : found.start()], quote=True), base) + _link(found[0])
        at = found.end()
    made += _tags(html.escape(text[at:], quote=True), base)
    paragraphs = re.split(r"\n{2,}", made)
    return "".join(f"<p>{one}</p>" for one in paragraphs).replace("\n", "<br />")


def _tags(escaped: str, base: str) -> str:
    def link(found: re.Match[str]) -> str:
        tag = found[1]
        rest = f'class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        return f'<a href="{base}/tags/{tag.lower()}" {rest}'

    return TAG.sub(link, escaped)


def _link(url: str) -> str:
    scheme, _, rest = url.partition("://")
    shown, hidden = rest[:SHOWN], rest[SHOWN:]
    spans = (
        f'<span class="invisible">{scheme}://</span>'
        f'<span class="{"ellipsis" if hidden else ""}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span>'
    )
    target = 'target="_blank" rel="nofollow noopener"'
    return f'<a href="{html.escape(url)}" {target}>{spans}</a>'
