"""What was found in a message is taken out of it, before anything of it is published.

In its place stands "[…]", which is right in either direction of writing: a bracket is mirrored
where the words around it run from right to left. What has no place of its own to cut stays, and is
for a person to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from relay.model import Mark, Media, Message
from relay.rules.danger import UNCUT, all_marks
from relay.rules.wordlist import NO_WORDS, WordList

CUT: Final = "[…]"
"""What stands where something was taken out."""

NOTHING_LEFT: Final = "nothing_left"
"""Flag: of its words nothing is left; a person sees it."""

_ROUNDS: Final = 4
"""How often a text is looked at again: what stood on both sides of a cut may be found as one."""

_NEAR: Final = re.compile(r"[^\w\n]{0,3}")
"""Between two cuts that become one."""


def redacted(message: Message, words: WordList = NO_WORDS) -> tuple[Message, tuple[Mark, ...]]:
    """The message without what can be cut, its marks those that are left; and all marks of it as
    it was given."""
    found = all_marks(message, words)
    made = replace(message, marks=found)
    for _ in range(_ROUNDS):
        if not can_be_cut(made.marks):
            break
        made = _without(made)
        made = replace(made, marks=all_marks(made, words))
    if made.text != message.text or made.title != message.title:
        said = f"{made.title}{made.text}".replace(CUT, "")
        if not made.media and not any(sign.isalnum() for sign in said):
            made = replace(made, flags=tuple(sorted({*made.flags, NOTHING_LEFT})))
    return made, found


def can_be_cut(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Those of the marks that have a place of their own."""
    return tuple(mark for mark in marks if mark.kind not in UNCUT)


def _without(message: Message) -> Message:
    marks = can_be_cut(message.marks)
    return replace(
        message,
        text=without(message.text, [mark for mark in marks if mark.where == "text"]),
        title=without(message.title, [mark for mark in marks if mark.where == "title"]),
        media=tuple(map(_undescribed, message.media)) if _any_alt(marks) else message.media,
        marks=tuple(Mark(one.kind, 0, 0) for one in message.marks if one.kind == "quote"),
    )


def _any_alt(marks: Iterable[Mark]) -> bool:
    return any(mark.where == "alt" for mark in marks)


def _undescribed(medium: Media) -> Media:
    """A medium whose words say nothing of what was found: which of them it was is not known."""
    return replace(medium, alt=CUT) if medium.alt else medium


def without(text: str, marks: Sequence[Mark]) -> str:
    """The text with "[…]" for each of these; for several side by side once."""
    kept: list[str] = []
    at = 0
    for start, end in _joined(text, sorted((one.offset, one.offset + one.length) for one in marks)):
        kept += [text[at:start], CUT]
        at = end
    return "".join([*kept, text[at:]])


def _joined(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in spans:
        start, end = max(0, start), min(len(text), end)
        if end <= start:
            continue
        if made and (start <= made[-1][1] or _NEAR.fullmatch(text, made[-1][1], start)):
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made
