"""What a reader says, before the core believes it: within the bounds that every reading has.

A reader that what it read has taken over can say that a text reads so or so; nobody can tell. It
cannot end the core or break a page with what no reader would say. A frame has the right types by
the time it is here (``relay.wire.pack``).
"""

from __future__ import annotations

import re
from typing import Final

from relay.errors import Damaged
from relay.model import Command, Encrypted, Message, Reading, Unreadable
from relay.node.said import plain
from relay.reader.text import MAX_TEXT, MAX_TITLE
from relay.rules.danger import SAID

MOST_FLAGS: Final = 64
MOST_PLACELESS: Final = 256
"""Marks that stand at no place of the text: on a code, on the words about media."""

MOST_MEDIA: Final = 256
"""Several times as many as a mail may have parts."""

MOST_CODE: Final = 1000
"""Characters of a code, a language or an argument: of people's they have a few."""

_WORD: Final = re.compile(r"[!-~]{1,200}")
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no XML can carry, and no page shows; the reader has taken it out."""


def believed(reading: Reading | Encrypted) -> Reading | Encrypted:
    """The reading, as it may go on. Raises Damaged for what no reader of ours says."""
    match reading:
        case Unreadable():
            return Unreadable(plain(reading.why))
        case Command():
            _must(len(reading.argument) <= MAX_TEXT and len(reading.language) <= MOST_CODE)
        case Message():
            _message(reading)
        case Encrypted():
            if reading.clear is not None:
                _message(reading.clear)
    return reading


def _message(message: Message) -> None:
    text, title = message.text, message.title
    _must(len(text) <= MAX_TEXT and len(title) <= MAX_TITLE)
    _must(not (_NO_TEXT.search(text) or _NO_TEXT.search(title) or "\n" in title))
    _must(len(message.code) <= MOST_CODE and len(message.language) <= MOST_CODE)
    _must(len(message.flags) <= MOST_FLAGS and all(map(_WORD.fullmatch, message.flags)))
    placed = sum(1 for mark in message.marks if mark.length)
    _must(placed <= 2 * (len(text) + len(title)))
    _must(len(message.marks) - placed <= MOST_PLACELESS)
    within = {"text": len(text), "title": len(title), "alt": 0}
    for mark in message.marks:
        _must(mark.kind in SAID)
        _must(mark.offset >= 0 and mark.length >= 0)
        _must(mark.offset + mark.length <= within[mark.where])
    _must(len(message.media) <= MOST_MEDIA)
    _must(all(_WORD.fullmatch(one.type) for one in message.media))


def _must(holds: bool) -> None:
    if not holds:
        raise Damaged
