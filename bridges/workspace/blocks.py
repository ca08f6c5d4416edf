"""A message as Slack is given it: a ``rich_text`` block, in which nothing is markup.

docs.slack.dev, Block Kit: the text of a ``rich_text`` element is shown as it is, and an address is
an element of its own. ``text`` beside blocks is what a notification shows: there ``& < >`` are
escaped, since ``<!channel>`` would call everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import Any, Final

import regex

from bridges.kit.drafts import Draft
from bridges.kit.forms import file_name

_ADDRESS: Final = regex.compile(
    # Only what any reader of addresses would take for one: a bad one refuses the whole message.
    r"(?<![\w/@])https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?::[0-9]{1,5})?"
    r"(?:/(?:[!$%&'()*+,./0-9:;=?@A-Z_a-z~#-]*[0-9A-Z_a-z/=~-])?)?(?![\w@])",
    regex.IGNORECASE | regex.ASCII,
)
_LISTED: Final = regex.compile(r"<(?P<url>[a-z]{2,9}:[^<>|]*)(?:\|[^<>]*)?>")
MOST_ADDRESS: Final = 2000


def message(draft: Draft, files: Sequence[str]) -> dict[str, Any]:
    """``text`` and ``blocks`` of a message; ``files`` are the ids of its pictures, in order."""
    blocks: list[dict[str, Any]] = []
    if draft.text:
        section = {"type": "rich_text_section", "elements": _elements(draft.text)}
        blocks.append({"type": "rich_text", "elements": [section]})
    for id, one in zip(files, draft.media, strict=True):
        # Slack wants a description: where there is none, the file's neutral name says no less.
        alt = one.alt or file_name(one.type)
        blocks.append({"type": "image", "slack_file": {"id": id}, "alt_text": alt})
    return {
        "text": escaped(draft.text),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _elements(text: str) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = []
    at = 0
    for found in _ADDRESS.finditer(text):
        if len(found[0]) > MOST_ADDRESS:
            continue
        if found.start() > at:
            elements.append({"type": "text", "text": text[at : found.start()]})
        elements.append({"type": "link", "url": found[0]})
        at = found.end()
    if at < len(text):
        elements.append({"type": "text", "text": text[at:]})
    return elements


def escaped(text: str) -> str:
    """docs.slack.dev, "Formatting message text": the three signs that mean something."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(listed: str) -> str:
    """The text of a message as people read it, from a listing, where addresses stand in <>."""
    return unescape(str(_LISTED.sub(lambda found: found["url"], listed)))
