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

MOST_WORDS: Final = 3000
"""Words and blanks of both texts, of which the differences are found in a few milliseconds. Of more
the signed file of the earlier text is all there is."""

AROUND: Final = 12
"""Words and blanks that are shown on both sides of what changed."""

_WORDS: Final = re.compile(r"\s+|[^\s]+")


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
    old, new = _words(before), _words(after)
    if len(old) + len(new) > MOST_WORDS:
        return Markup("")
    made = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for n, (what, a, b, c, d) in enumerate(steps):
        if what == "equal":
            made.append(_around(old[a:b], first=n == 0, last=n == len(steps) - 1))
            continue
        if b > a:
            made.append(_marked("del", old[a:b]))
        if d > c:
            made.append(_marked("ins", new[c:d]))
    return Markup("").join(made)


def _words(item: Item) -> list[str]:
    title = f"{item.title}\n\n" if item.titled else ""
    return _WORDS.findall(calm(title + item.text))


def _marked(tag: str, words: Sequence[str]) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), "".join(words))


def _around(words: Sequence[str], *, first: bool, last: bool) -> Markup:
    """What stayed: all of a little, and of much what is next to a change."""
    before = [] if first else list(words[:AROUND])
    after = [] if last else list(words[len(words) - AROUND :])
    if len(words) <= len(before) + len(after):
        return escape("".join(words))
    return escape("".join(before) + " … " + "".join(after))
