"""What a correction changed, shown word by word: what went, what came, and a little around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from markupsafe import Markup, escape

from bridges.page.item import Item
from bridges.page.text import calm

MOST_CHARACTERS: Final = 40_000
"""Of a text that is compared. Of a longer one there is the signed file of the earlier text."""

MOST_WORDS: Final = 300
"""Words between the first and the last that changed, up to which each change is looked for: with
many words that are the same it takes time as their cube. Of more, all of them went and came."""

AROUND: Final = 8
"""Words that are shown on both sides of what changed."""

_WORDS: Final = re.compile(r"\s*\S+")


@dataclass(frozen=True, slots=True)
class Changed:
    """One correction: since when (RFC 3339), which revision it made, and what it changed; ``file``
    is the signed file of the text before, empty where that is not kept or not to be shown."""

    at: str
    revision: int
    words: Markup
    file: str
    hides: bool


def changes(item: Item, earlier: Sequence[Item]) -> list[Changed]:
    """The corrections of an item, the newest first, as far as the texts before them are kept."""
    if item.revision == 1:
        return []
    texts = [item, *earlier]
    made = [
        Changed(
            after.updated,
            after.revision,
            _compared(before, after) if before else Markup(""),
            f"{item.uuid}.{before.revision}.json" if before else "",
            after.hides,
        )
        for after, before in zip(texts, [*earlier, None], strict=True)
    ]
    return [one for one in made if one.revision > 1]


def _compared(before: Item, after: Item) -> Markup:
    if max(len(before.text), len(after.text)) > MOST_CHARACTERS:
        return Markup("")
    old, new = _words(before), _words(after)
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    made = [_around(old[:start], first=True, last=False)]
    for what, a, b, c, d in _steps(was, now):
        if what == "equal":
            made.append(_around(was[a:b], first=False, last=False))
        if what != "equal" and b > a:
            made.append(_marked("del", was[a:b]))
        if what != "equal" and d > c:
            made.append(_marked("ins", now[c:d]))
    made.append(_around(old[len(old) - end :], first=False, last=True))
    return Markup("").join(made).strip()


def _same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _steps(was: list[str], now: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(was), len(now)) > MOST_WORDS:
        return [("replace", 0, len(was), 0, len(now))]
    return SequenceMatcher(None, was, now, autojunk=False).get_opcodes()


def _words(item: Item) -> list[str]:
    title = f"{item.title}\n\n" if item.titled else ""
    # What is blank at the end would be looked through once for each of its characters.
    return _WORDS.findall(calm(title + item.text).rstrip())


def _marked(tag: str, words: Sequence[str]) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), "".join(words))


def _around(words: Sequence[str], *, first: bool, last: bool) -> Markup:
    """What stayed: all of a little, and of much what is next to a change."""
    before = [] if first else list(words[:AROUND])
    after = [] if last else list(words[len(words) - AROUND :])
    if len(words) <= len(before) + len(after):
        return escape("".join(words))
    return escape("".join(before) + " … " + "".join(after))
