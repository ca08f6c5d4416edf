"""What becomes of a text on Slack: what is kept of it, what people read, and whom it calls.

Facts: docs.slack.dev, "Formatting message text": ``&``, ``<`` and ``>`` are to be escaped; what
stands in angle brackets is a link or a call (``<!channel>``, ``<@U123>``); addresses that stand
bare are made links, and are listed as such. A message with blocks shows these; its text is then for
notifications only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from relay.testing.slack.tables import MAX_TEXT

CONTROL: Final = re.compile(r"<([^<>\n]+)>")
URL: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\[\]،؛؟«»]")
ESCAPES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """``kept``: as listings have it. ``read``: as people see it. ``called``: who is notified:
    ``channel``, ``here``, ``everyone``, and numbers of people and groups."""

    kept: str
    read: str
    called: frozenset[str]


def words(text: str) -> Words:
    """What becomes of a text."""
    text = text[:MAX_TEXT]
    kept, read, called, at = "", "", set(), 0
    for match in CONTROL.finditer(text):
        plain = unescaped(text[at : match.start()])
        shown, call = _control(match[1])
        kept += _linked(plain) + match[0]
        read += plain + shown
        called |= {call} if call else set()
        at = match.end()
    rest = unescaped(text[at:])
    return Words(kept + _linked(rest), read + rest, frozenset(called))


def _control(inside: str) -> tuple[str, str]:
    """What people see of something in angle brackets, and whom it calls."""
    target, _, label = inside.partition("|")
    if target.startswith("!subteam^"):
        return label or "@group", target.removeprefix("!subteam^")
    if target.startswith("!"):
        return label or f"@{target[1:]}", target[1:]
    if target.startswith("@"):
        return label or target, target[1:]
    return label or target, ""


def _linked(plain: str) -> str:
    made, at = "", 0
    for match in URL.finditer(plain):
        made += escaped(plain[at : match.start()]) + f"<{escaped(match[0])}>"
        at = match.end()
    return made + escaped(plain[at:])


def escaped(text: str) -> str:
    """A text in which nothing means anything."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """The same the other way round: only these three are escapes."""
    for written, meant in ESCAPES:
        text = text.replace(written, meant)
    return text


def said(text: str, blocks: Sequence[Mapping[str, Any]]) -> Words:
    """What becomes of a text that may have blocks beside it."""
    top = words(text)
    if not blocks:
        return top
    found = [each for block in blocks for each in _in_block(block)]
    called = top.called.union(*(each.called for each in found))
    return replace(top, read="\n".join(each.read for each in found), called=called)


def _in_block(part: Mapping[str, Any]) -> list[Words]:
    """The texts of a block, or of an element of one."""
    text = part.get("text")
    found = []
    if isinstance(text, Mapping):
        found += _in_block(text)
    elif isinstance(text, str):
        marked = part.get("type") == "mrkdwn"
        found.append(words(text) if marked else Words("", text, frozenset()))
    for inside in (*part.get("elements", ()), *part.get("fields", ())):
        if isinstance(inside, Mapping):
            found += _in_block(inside)
    return found
