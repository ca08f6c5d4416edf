"""In which lanes a card lies: those that everybody has, and one for each person, language, channel
and way in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from relay.desk.index.card import Card

HELD: Final = "held"
DANGER: Final = "danger"
ASKED_BACK: Final = "asked-back"
WORD: Final = "word"
NEW: Final = "new"
SEEN: Final = "seen"
KNOWN: Final = "known"
MEDIA: Final = "media"
ASIDE: Final = "aside"
CONFIRM: Final = "confirm"
MINE: Final = "mine"
OUTBOX: Final = "outbox"
ASIDE_DANGER: Final = "aside-danger"
"""What of the things set aside has danger in it: a lane that nobody is shown, to be counted."""

LANES: Final = (
    HELD, DANGER, ASKED_BACK, CONFIRM, MINE, WORD, NEW, SEEN, KNOWN, MEDIA, ASIDE, OUTBOX,
)  # fmt: skip
"""Everybody's lanes, in the order in which a page shows them."""

BY: Final = ("language", "channel", "transport")
"""What else parts the cards that wait: a lane for each value of these, as ``language:fa``."""

WORD_FLAG: Final = "word-of-the-day"
"""The flag of a message under which its sender wrote the word of the day."""


def lanes_of(card: Card, seen: bool) -> Iterator[str]:
    """The lanes of a card. ``seen``: its author has written before, today. What was set aside lies
    in one lane only that is shown, and so does what is on its way and can still be undone."""
    if card.outbox_until is not None and not card.held:
        yield OUTBOX
    if not card.held:
        return
    if card.aside:
        yield ASIDE
        if card.kinds:
            yield ASIDE_DANGER
        return
    yield HELD
    if card.kinds:
        yield DANGER
    if card.asked_back:
        yield ASKED_BACK
    if card.confirmed:
        yield CONFIRM
    if card.assignee:
        yield mine(card.assignee)
    if WORD_FLAG in card.flags:
        yield WORD
    yield KNOWN if card.known else SEEN if seen else NEW
    if card.media:
        yield MEDIA
    for by in BY:
        yield f"{by}:{getattr(card, by)}"


def mine(handle: str) -> str:
    """The lane of what was given to this person."""
    return f"{MINE}:{handle}"


class Bits:
    """A bit for each lane that was met, so that the lanes of a card are one number."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._masks: dict[tuple[str, ...], int] = {}

    def of(self, lane: str) -> int:
        """The bit of a lane; 0 where no card ever lay in it."""
        return self._bits.get(lane, 0)

    def mask(self, lanes: tuple[str, ...]) -> int:
        """The bits of all these lanes; a lane that is new is given one."""
        made = self._masks.get(lanes)
        if made is None:
            made = 0
            for lane in lanes:
                made |= self._bits.setdefault(lane, 1 << len(self._bits))
            self._masks[lanes] = made
        return made

    def values(self, by: str) -> list[str]:
        """What was met of a language, a channel or a way in."""
        start = f"{by}:"
        return [lane.removeprefix(start) for lane in self._bits if lane.startswith(start)]

    def names(self, mask: int) -> Iterator[str]:
        """The lanes of a mask."""
        return (lane for lane, bit in self._bits.items() if bit & mask)
